// STAND-IN for parts of the official Pulumi plugins kubernetes 4.32.0 and command 1.2.1; used only where those cannot be downloaded.

package property

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// CopySecrets marks in outs what is secret at the same place in ins. Objects are walked; of anything else that contains
// a secret the whole value becomes one, so that a moved array element cannot leak.
func CopySecrets(outs, ins resource.PropertyMap) {
	for key, in := range ins {
		out, has := outs[key]
		if !has {
			continue
		}
		if out.IsObject() && in.IsObject() {
			CopySecrets(out.ObjectValue(), in.ObjectValue())
		} else if !out.IsSecret() && in.ContainsSecrets() {
			outs[key] = resource.MakeSecret(out)
		}
	}
}

// CopyUnknowns puts the unknowns of ins at the same place in outs; missing keys are added, so that none is lost.
func CopyUnknowns(outs, ins resource.PropertyMap) {
	for key, in := range ins {
		in = Reveal(in)
		if !in.ContainsUnknowns() {
			continue
		}
		out, has := outs[key]
		out = Reveal(out)
		switch {
		case has && out.IsObject() && in.IsObject():
			CopyUnknowns(out.ObjectValue(), in.ObjectValue())
		case in.IsObject() || in.IsArray():
			outs[key] = withoutSecrets(in)
		default:
			outs[key] = Unknown()
		}
	}
}

func withoutSecrets(value resource.PropertyValue) resource.PropertyValue {
	value = Reveal(value)
	switch {
	case value.IsObject():
		object := resource.PropertyMap{}
		for key, inner := range value.ObjectValue() {
			object[key] = withoutSecrets(inner)
		}
		return resource.NewObjectProperty(object)
	case value.IsArray():
		items := make([]resource.PropertyValue, 0, len(value.ArrayValue()))
		for _, inner := range value.ArrayValue() {
			items = append(items, withoutSecrets(inner))
		}
		return resource.NewArrayProperty(items)
	default:
		return value
	}
}
