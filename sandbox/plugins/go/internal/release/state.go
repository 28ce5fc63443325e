// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

package release

import (
	"fmt"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	helm "helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"cutover.dev/sandbox/plugins/internal/property"
)

// The inputs of the last operation travel in the state under this name, as a secret; differences are found against them.
const inputsKey = "__inputs"

// checkpoint is the state after an operation. In a preview what only the operation brings is unknown.
func checkpoint(inputs resource.PropertyMap, outputs *Release, preview bool) resource.PropertyMap {
	state := resource.NewPropertyMap(outputs)
	state[inputsKey] = resource.MakeSecret(resource.NewObjectProperty(inputs))
	property.CopyUnknowns(state, inputs)
	property.CopySecrets(state, inputs)
	if preview {
		state["resourceNames"] = property.Unknown()
		state["status"] = property.Unknown()
	}
	return state
}

// inputsOf finds the recorded inputs; nil when the resource is being imported.
func inputsOf(state resource.PropertyMap) resource.PropertyMap {
	value, has := state[inputsKey]
	if !has {
		return nil
	}
	if value = property.Reveal(value); !value.IsObject() {
		return nil
	}
	return value.ObjectValue()
}

// record takes over what Helm stored of a revision.
func (r *Release) record(stored *helm.Release) error {
	if r.Name == "" {
		r.Name = stored.Name
	}
	if r.Namespace == "" {
		r.Namespace = stored.Namespace
	}
	if r.Chart == "" {
		r.Chart = stored.Chart.Metadata.Name
	}
	values, err := mergeValues(r.Values, stored.Config, r.AllowNullValues)
	if err != nil {
		return err
	}
	names, err := namesIn(stored.Manifest)
	if err != nil {
		return err
	}
	r.Values, r.ResourceNames = values, names
	r.Version = stored.Chart.Metadata.Version
	revision := stored.Version
	r.Status = &Status{
		AppVersion: stored.Chart.Metadata.AppVersion,
		Chart:      stored.Chart.Metadata.Name,
		Name:       stored.Name,
		Namespace:  stored.Namespace,
		Revision:   &revision,
		Status:     stored.Info.Status.String(),
		Version:    stored.Chart.Metadata.Version,
	}
	return nil
}

// namesIn lists the objects of a manifest by Kind.group/apiVersion, sorted and without repeats.
func namesIn(manifest string) (map[string][]string, error) {
	found := map[string]map[string]bool{}
	for _, document := range releaseutil.SplitManifests(manifest) {
		object := unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(document), &object.Object); err != nil {
			return nil, err
		}
		if object.GetKind() == "" {
			continue
		}
		kind := object.GroupVersionKind()
		key := fmt.Sprintf("%s/%s", kind.GroupKind().String(), object.GetAPIVersion())
		name := object.GetName()
		if namespace := object.GetNamespace(); namespace != "" {
			name = namespace + "/" + name
		}
		if found[key] == nil {
			found[key] = map[string]bool{}
		}
		found[key][name] = true
	}
	names := map[string][]string{}
	for key, set := range found {
		for name := range set {
			names[key] = append(names[key], name)
		}
		sort.Strings(names[key])
	}
	return names, nil
}
