// STAND-IN for the official Pulumi plugin command 1.2.1; used only where that cannot be downloaded.

package command

import (
	"fmt"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"cutover.dev/sandbox/plugins/internal/property"
)

type shape func(resource.PropertyValue) bool

var inputShapes = map[resource.PropertyKey]shape{
	"create": resource.PropertyValue.IsString, "update": resource.PropertyValue.IsString,
	"delete": resource.PropertyValue.IsString, "dir": resource.PropertyValue.IsString,
	"stdin": resource.PropertyValue.IsString, "logging": resource.PropertyValue.IsString,
	"triggers": resource.PropertyValue.IsArray, "addPreviousOutputInEnv": resource.PropertyValue.IsBool,
	"environment": isStringMap, "interpreter": isStringArray,
}

func isStringMap(value resource.PropertyValue) bool {
	if !value.IsObject() {
		return false
	}
	for _, item := range value.ObjectValue() {
		if item = property.Reveal(item); !item.IsString() && !item.IsComputed() {
			return false
		}
	}
	return true
}

func isStringArray(value resource.PropertyValue) bool {
	if !value.IsArray() {
		return false
	}
	for _, item := range value.ArrayValue() {
		if item = property.Reveal(item); !item.IsString() && !item.IsComputed() {
			return false
		}
	}
	return true
}

// checkInputs keeps the inputs of a Command, fills in defaults and names what has the wrong type.
func checkInputs(news resource.PropertyMap) (resource.PropertyMap, []*pulumirpc.CheckFailure) {
	inputs := resource.PropertyMap{}
	var failures []*pulumirpc.CheckFailure
	fail := func(key resource.PropertyKey, reason string) {
		failures = append(failures, &pulumirpc.CheckFailure{Property: string(key), Reason: reason})
	}
	for key, value := range news {
		fits, known := inputShapes[key]
		plain := property.Reveal(value)
		switch {
		case key == "assetPaths" || key == "archivePaths":
			fail(key, fmt.Sprintf("%s is not supported by the stand-in of plugin command %s", key, Identity.Version))
		case !known:
			continue
		case !plain.IsComputed() && !fits(plain):
			fail(key, fmt.Sprintf("Field '%s' has the wrong type: got '%s'", key, plain.TypeString()))
		default:
			inputs[key] = value
		}
	}
	if _, set := inputs["addPreviousOutputInEnv"]; !set {
		inputs["addPreviousOutputInEnv"] = resource.NewBoolProperty(true)
	}
	sort.Slice(failures, func(i, j int) bool { return failures[i].Property < failures[j].Property })
	return inputs, failures
}

func text(properties resource.PropertyMap, key resource.PropertyKey) (string, bool) {
	value := property.Reveal(properties[key])
	if !value.IsString() {
		return "", false
	}
	return value.StringValue(), true
}
