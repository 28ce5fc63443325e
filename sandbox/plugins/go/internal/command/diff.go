// STAND-IN for the official Pulumi plugin command 1.2.1; used only where that cannot be downloaded.

package command

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	sdkplugin "github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"cutover.dev/sandbox/plugins/internal/property"
)

var diffKinds = map[sdkplugin.DiffKind]pulumirpc.PropertyDiff_Kind{
	sdkplugin.DiffAdd: pulumirpc.PropertyDiff_ADD, sdkplugin.DiffAddReplace: pulumirpc.PropertyDiff_ADD,
	sdkplugin.DiffDelete: pulumirpc.PropertyDiff_DELETE, sdkplugin.DiffDeleteReplace: pulumirpc.PropertyDiff_DELETE,
	sdkplugin.DiffUpdate: pulumirpc.PropertyDiff_UPDATE, sdkplugin.DiffUpdateReplace: pulumirpc.PropertyDiff_UPDATE,
}

// Diff: changed triggers replace (create first, then delete); every other changed input is an update.
func (p *provider) Diff(_ context.Context, request *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	state, err := property.Decode(request.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := property.Decode(request.GetNews())
	if err != nil {
		return nil, err
	}
	olds := resource.PropertyMap{}
	for key, value := range state {
		if _, isInput := inputShapes[key]; isInput {
			olds[key] = value
		}
	}
	for _, ignored := range request.GetIgnoreChanges() {
		key := resource.PropertyKey(property.Root(ignored))
		if old, has := olds[key]; has {
			news[key] = old
		} else {
			delete(news, key)
		}
	}
	found := map[string]*pulumirpc.PropertyDiff{}
	for path, difference := range sdkplugin.NewDetailedDiffFromObjectDiff(olds.Diff(news), false) {
		found[path] = &pulumirpc.PropertyDiff{Kind: diffKinds[difference.Kind], InputDiff: difference.InputDiff}
	}
	return property.Answer(found, func(path string) bool { return property.Root(path) == "triggers" }), nil
}
