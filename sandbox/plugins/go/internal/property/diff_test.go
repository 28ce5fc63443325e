// STAND-IN for parts of the official Pulumi plugins kubernetes 4.32.0 and command 1.2.1; used only where those cannot be downloaded.

package property

import (
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func propertiesOf(content map[string]any) resource.PropertyMap {
	return resource.NewPropertyMapFromMap(content)
}

func TestThreeWayFindsWantedChangesOnly(t *testing.T) {
	oldInputs := propertiesOf(map[string]any{
		"same": "a", "gone": "x", "deep": map[string]any{"a.b": 1.0, "left": true}, "list": []any{"1", "2"},
	})
	state := propertiesOf(map[string]any{
		"same": "a", "gone": "x", "deep": map[string]any{"a.b": 1.0, "left": true, "server": "filled"},
		"list": []any{"1", "2"}, "status": "deployed", "drifted": "theirs",
	})
	news := propertiesOf(map[string]any{
		"same": "a", "deep": map[string]any{"a.b": 2.0}, "list": []any{"1"}, "drifted": "ours", "added": "new",
	})
	news["unknown"] = Unknown()
	news["same"] = resource.MakeSecret(news["same"])

	kinds := map[string]pulumirpc.PropertyDiff_Kind{}
	for path, difference := range ThreeWay(oldInputs, state, news) {
		kinds[path] = difference.GetKind()
	}
	want := map[string]pulumirpc.PropertyDiff_Kind{
		"gone":        pulumirpc.PropertyDiff_DELETE,
		"deep.left":   pulumirpc.PropertyDiff_DELETE,
		`deep["a.b"]`: pulumirpc.PropertyDiff_UPDATE,
		"list[1]":     pulumirpc.PropertyDiff_DELETE,
		"drifted":     pulumirpc.PropertyDiff_UPDATE,
		"added":       pulumirpc.PropertyDiff_ADD,
		"unknown":     pulumirpc.PropertyDiff_ADD,
	}
	if !reflect.DeepEqual(kinds, want) {
		t.Fatalf("got %v, want %v", kinds, want)
	}
}

func TestAnswerReplacesOnlyWhatMust(t *testing.T) {
	if changes := Answer(nil, nil).GetChanges(); changes != pulumirpc.DiffResponse_DIFF_NONE {
		t.Fatalf("no difference must be no change, got %v", changes)
	}
	answer := Answer(map[string]*pulumirpc.PropertyDiff{
		"triggers[1]": {Kind: pulumirpc.PropertyDiff_UPDATE}, "create": {Kind: pulumirpc.PropertyDiff_UPDATE},
	}, func(path string) bool { return Root(path) == "triggers" })
	if !reflect.DeepEqual(answer.GetReplaces(), []string{"triggers[1]"}) ||
		!reflect.DeepEqual(answer.GetDiffs(), []string{"create", "triggers"}) ||
		answer.GetDetailedDiff()["triggers[1]"].GetKind() != pulumirpc.PropertyDiff_UPDATE_REPLACE {
		t.Fatalf("got %v", answer)
	}
}

func TestMarksFollowTheInputs(t *testing.T) {
	inputs := propertiesOf(map[string]any{"values": map[string]any{"open": "o"}})
	inputs["values"].ObjectValue()["hidden"] = resource.MakeSecret(resource.NewStringProperty("h"))
	inputs["values"].ObjectValue()["later"] = Unknown()
	state := propertiesOf(map[string]any{"values": map[string]any{"open": "o", "hidden": "h"}})
	CopyUnknowns(state, inputs)
	CopySecrets(state, inputs)
	values := state["values"].ObjectValue()
	if !values["hidden"].IsSecret() || values["open"].IsSecret() || !values["later"].IsComputed() {
		t.Fatalf("got %v", state)
	}
}
