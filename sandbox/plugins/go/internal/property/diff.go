// STAND-IN for parts of the official Pulumi plugins kubernetes 4.32.0 and command 1.2.1; used only where those cannot be downloaded.

package property

import (
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// ThreeWay compares like a three-way merge: what the new inputs want against the recorded state, and as deleted only
// what the old inputs had and the new ones do not. Fields that only the state has (filled in by a server) are no change.
func ThreeWay(oldInputs, state, newInputs resource.PropertyMap) map[string]*pulumirpc.PropertyDiff {
	found := map[string]*pulumirpc.PropertyDiff{}
	compareObject(nil, oldInputs, state, newInputs, found)
	return found
}

func compareObject(path resource.PropertyPath, oldInputs, state, news resource.PropertyMap,
	found map[string]*pulumirpc.PropertyDiff,
) {
	for key, value := range news {
		compareValue(extend(path, string(key)), oldInputs[key], state[key], value, found)
	}
	for key := range oldInputs {
		if _, wanted := news[key]; !wanted {
			found[extend(path, string(key)).String()] =
				&pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_DELETE, InputDiff: true}
		}
	}
}

func compareValue(path resource.PropertyPath, oldInput, old, wanted resource.PropertyValue,
	found map[string]*pulumirpc.PropertyDiff,
) {
	oldInput, old, wanted = Reveal(oldInput), Reveal(old), Reveal(wanted)
	add := func(kind pulumirpc.PropertyDiff_Kind) { found[path.String()] = &pulumirpc.PropertyDiff{Kind: kind} }
	switch {
	case old.IsNull() || old.V == nil:
		if wanted.V != nil && !wanted.IsNull() {
			add(pulumirpc.PropertyDiff_ADD)
		}
	case wanted.IsObject() && old.IsObject():
		var oldInputs resource.PropertyMap
		if oldInput.IsObject() {
			oldInputs = oldInput.ObjectValue()
		}
		compareObject(path, oldInputs, old.ObjectValue(), wanted.ObjectValue(), found)
	case wanted.IsArray() && old.IsArray():
		compareArray(path, oldInput, old.ArrayValue(), wanted.ArrayValue(), found)
	case wanted.IsComputed() || !wanted.DeepEquals(old):
		add(pulumirpc.PropertyDiff_UPDATE)
	}
}

// An array is always replaced as a whole, so an element of an object in it that is gone is a change.
func compareArray(path resource.PropertyPath, oldInput resource.PropertyValue, old, wanted []resource.PropertyValue,
	found map[string]*pulumirpc.PropertyDiff,
) {
	for i, value := range wanted {
		before, beforeInput := resource.PropertyValue{}, resource.PropertyValue{}
		if i < len(old) {
			before = old[i]
		}
		if oldInput.IsArray() && i < len(oldInput.ArrayValue()) {
			beforeInput = oldInput.ArrayValue()[i]
		}
		compareValue(extend(path, i), beforeInput, before, value, found)
	}
	for i := len(wanted); i < len(old); i++ {
		found[extend(path, i).String()] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_DELETE, InputDiff: true}
	}
}

// A copy, because sibling keys must not share the array behind the path.
func extend(path resource.PropertyPath, key any) resource.PropertyPath {
	return append(append(resource.PropertyPath{}, path...), key)
}

// Answer packs found differences for the engine; a difference for which replaces says so replaces the resource.
func Answer(found map[string]*pulumirpc.PropertyDiff, replaces func(path string) bool) *pulumirpc.DiffResponse {
	if len(found) == 0 {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
	}
	answer := &pulumirpc.DiffResponse{
		Changes: pulumirpc.DiffResponse_DIFF_SOME, DetailedDiff: found, HasDetailedDiff: true,
	}
	roots := map[string]bool{}
	for path, difference := range found {
		roots[Root(path)] = true
		if replaces(path) {
			difference.Kind = asReplace(difference.Kind)
			answer.Replaces = append(answer.Replaces, path)
		}
	}
	for root := range roots {
		answer.Diffs = append(answer.Diffs, root)
	}
	sort.Strings(answer.Diffs)
	sort.Strings(answer.Replaces)
	return answer
}

// Root is the first name of a property path: triggers of triggers[1], values of values.image.tag.
func Root(path string) string {
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil || len(parsed) == 0 {
		return path
	}
	if name, ok := parsed[0].(string); ok {
		return name
	}
	return path
}

func asReplace(kind pulumirpc.PropertyDiff_Kind) pulumirpc.PropertyDiff_Kind {
	switch kind {
	case pulumirpc.PropertyDiff_ADD:
		return pulumirpc.PropertyDiff_ADD_REPLACE
	case pulumirpc.PropertyDiff_DELETE:
		return pulumirpc.PropertyDiff_DELETE_REPLACE
	case pulumirpc.PropertyDiff_UPDATE:
		return pulumirpc.PropertyDiff_UPDATE_REPLACE
	default:
		return kind
	}
}
