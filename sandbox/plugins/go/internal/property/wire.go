// STAND-IN for parts of the official Pulumi plugins kubernetes 4.32.0 and command 1.2.1; used only where those cannot be downloaded.

// Package property holds what both plugins need to know about Pulumi property maps.
package property

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/protobuf/types/known/structpb"
)

var wireOptions = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, SkipNulls: true}

// Decode reads a property map from the wire, keeping secrets and unknowns.
func Decode(data *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(data, wireOptions)
}

// Encode writes a property map to the wire, keeping secrets and unknowns.
func Encode(properties resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(properties, wireOptions)
}

// Unknown is a value that only the real operation brings.
func Unknown() resource.PropertyValue {
	return resource.MakeComputed(resource.NewStringProperty(""))
}

// Reveal gives the value inside a secret.
func Reveal(value resource.PropertyValue) resource.PropertyValue {
	for value.IsSecret() {
		value = value.SecretValue().Element
	}
	return value
}

// Plain gives ordinary Go data: secrets revealed, unknowns dropped.
func Plain(properties resource.PropertyMap) map[string]any {
	out := map[string]any{}
	for key, value := range properties {
		if inner := Reveal(value); !inner.IsComputed() && !inner.IsOutput() && !inner.IsNull() {
			out[string(key)] = plainValue(inner)
		}
	}
	return out
}

func plainValue(value resource.PropertyValue) any {
	value = Reveal(value)
	switch {
	case value.IsComputed(), value.IsOutput():
		return nil
	case value.IsObject():
		return Plain(value.ObjectValue())
	case value.IsArray():
		items := make([]any, 0, len(value.ArrayValue()))
		for _, item := range value.ArrayValue() {
			items = append(items, plainValue(item))
		}
		return items
	default:
		return value.Mappable()
	}
}
