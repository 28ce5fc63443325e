// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

package object

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"cutover.dev/sandbox/plugins/internal/property"
)

// Fields that the API server (or the official plugin, for data) does not change in place, by kind.
var fixed = map[string][]string{
	"":                      {"metadata.name", "metadata.namespace"},
	"ConfigMap":             {"data", "binaryData"},
	"Secret":                {"type", "data", "stringData"},
	"Deployment":            {"spec.selector"},
	"DaemonSet":             {"spec.selector"},
	"StatefulSet":           {"spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"},
	"Job":                   {"spec.completions", "spec.parallelism", "spec.selector", "spec.template"},
	"Service":               {"spec.clusterIP"},
	"PersistentVolumeClaim": {"spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"},
	"RoleBinding":           {"roleRef"},
	"ClusterRoleBinding":    {"roleRef"},
	"StorageClass":          {"parameters", "provisioner"},
}

// Diff compares the inputs; with an explicit name a replacement deletes first, since two objects cannot share it.
func (p *Provider) Diff(request *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	state, err := property.Decode(request.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := property.Decode(request.GetNews())
	if err != nil {
		return nil, err
	}
	olds := inputsOf(state)
	for _, path := range request.GetIgnoreChanges() {
		if parsed, err := resource.ParsePropertyPath(path); err == nil {
			if old, has := parsed.Get(resource.NewObjectProperty(olds)); has {
				parsed.Add(resource.NewObjectProperty(news), old)
			}
		}
	}
	kind := ""
	if value := property.Reveal(news["kind"]); value.IsString() {
		kind = value.StringValue()
	}
	answer := property.Answer(property.ThreeWay(olds, overlay(state, olds), news), func(path string) bool {
		return isFixed("", path) || isFixed(kind, path)
	})
	if metadata := property.Reveal(news["metadata"]); metadata.IsObject() {
		answer.DeleteBeforeReplace = len(answer.GetReplaces()) > 0 && !isAutonamed(metadata.ObjectValue()) &&
			!contains(answer.GetReplaces(), "metadata.name", "metadata.namespace")
	}
	return answer, nil
}

func isFixed(kind, path string) bool {
	for _, prefix := range fixed[kind] {
		if path == prefix || strings.HasPrefix(path, prefix+".") || strings.HasPrefix(path, prefix+"[") {
			return true
		}
	}
	return false
}

func contains(paths []string, wanted ...string) bool {
	for _, path := range paths {
		for _, one := range wanted {
			if path == one {
				return true
			}
		}
	}
	return false
}

func inputsOf(state resource.PropertyMap) resource.PropertyMap {
	if value := property.Reveal(state[inputsKey]); value.IsObject() {
		return value.ObjectValue()
	}
	return resource.PropertyMap{}
}

// overlay adds to the live object what only the inputs have: fields that the server takes but does not give back, such
// as stringData of a Secret, are no difference.
func overlay(live, inputs resource.PropertyMap) resource.PropertyMap {
	out := live.Copy()
	for key, input := range inputs {
		value, has := out[key]
		if !has {
			out[key] = input
			continue
		}
		if value, input = property.Reveal(value), property.Reveal(input); value.IsObject() && input.IsObject() {
			out[key] = resource.NewObjectProperty(overlay(value.ObjectValue(), input.ObjectValue()))
		}
	}
	return out
}
