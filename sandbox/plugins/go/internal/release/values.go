// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

package release

import "dario.cat/mergo"

// mergeValues lays b over a. Nulls are dropped unless they are allowed; then Helm's own rules apply.
func mergeValues(a, b map[string]any, allowNulls bool) (map[string]any, error) {
	if allowNulls {
		return helmMerge(a, b), nil
	}
	merged, over := withoutNulls(a), withoutNulls(b)
	if err := mergo.Merge(&merged, over, mergo.WithOverride, mergo.WithTypeCheck); err != nil {
		return nil, err
	}
	return merged, nil
}

func helmMerge(a, b map[string]any) map[string]any {
	out := make(map[string]any, len(a)+len(b))
	for key, value := range a {
		out[key] = value
	}
	for key, value := range b {
		under, isMap := out[key].(map[string]any)
		if over, both := value.(map[string]any); both && isMap {
			out[key] = helmMerge(under, over)
			continue
		}
		out[key] = value
	}
	return out
}

func withoutNulls(values map[string]any) map[string]any {
	out := make(map[string]any, len(values))
	for key, value := range values {
		if value != nil {
			out[key] = withoutNullsIn(value)
		}
	}
	return out
}

func withoutNullsIn(value any) any {
	switch value := value.(type) {
	case map[string]any:
		return withoutNulls(value)
	case []any:
		var items []any
		for _, item := range value {
			if item != nil {
				items = append(items, withoutNullsIn(item))
			}
		}
		return items
	default:
		return value
	}
}
