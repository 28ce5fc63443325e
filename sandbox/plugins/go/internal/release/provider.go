// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

package release

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/cli"

	"cutover.dev/sandbox/plugins/internal/cluster"
	"cutover.dev/sandbox/plugins/internal/plugin"
	"cutover.dev/sandbox/plugins/internal/property"
)

// Provider handles the operations on releases. Its context ends with the engine's Cancel, not with a call or with the
// engine's death: an orphaned plugin finishes its upgrade.
type Provider struct {
	ctx      context.Context
	engine   *plugin.Engine
	cluster  *cluster.Cluster
	settings *cli.EnvSettings
}

// New makes the handler for one cluster.
func New(ctx context.Context, engine *plugin.Engine, target *cluster.Cluster) *Provider {
	return &Provider{ctx: ctx, engine: engine, cluster: target, settings: cli.New()}
}

// Check fills in name, namespace and time-out, and the chart's real version: it is what tells a changed chart.
func (p *Provider) Check(request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	olds, err := property.Decode(request.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := property.Decode(request.GetNews())
	if err != nil {
		return nil, fmt.Errorf("check failed because malformed resource inputs: %w", err)
	}
	if err := p.setDefaults(resource.URN(request.GetUrn()), olds, news); err != nil {
		return nil, err
	}
	release, err := decode(news)
	if err != nil {
		return nil, err
	}
	var failures []*pulumirpc.CheckFailure
	if !news.ContainsUnknowns() {
		if version, err := p.chartVersion(release); err != nil {
			failures = append(failures, &pulumirpc.CheckFailure{
				Property: "chart",
				Reason:   fmt.Sprintf("%v; check the chart name and repository configuration.", err),
			})
		} else {
			release.Version = version
		}
	}
	inputs := resource.NewPropertyMap(release)
	delete(inputs, "resourceNames")
	delete(inputs, "status")
	property.CopyUnknowns(inputs, without(news, "resourceNames", "status", "valueYamlFiles"))
	property.CopySecrets(inputs, news)
	encoded, err := property.Encode(inputs)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CheckResponse{Inputs: encoded, Failures: failures}, nil
}

func without(properties resource.PropertyMap, keys ...resource.PropertyKey) resource.PropertyMap {
	rest := properties.Copy()
	for _, key := range keys {
		delete(rest, key)
	}
	return rest
}

func (p *Provider) setDefaults(urn resource.URN, olds, news resource.PropertyMap) error {
	if !given(news, "name") {
		if old := property.Reveal(olds["name"]); old.IsString() && old.StringValue() != "" {
			news["name"] = old
		} else {
			name, err := resource.NewUniqueHex(urn.Name()+"-", 0, 0)
			if err != nil {
				return err
			}
			news["name"] = resource.NewStringProperty(name)
		}
	}
	if !given(news, "namespace") {
		news["namespace"] = resource.NewStringProperty(p.cluster.Namespace)
	}
	skip := property.Reveal(news["skipAwait"])
	if _, set := news["timeout"]; !set && !(skip.IsComputed() || (skip.IsBool() && skip.BoolValue())) {
		news["timeout"] = resource.NewNumberProperty(defaultTimeoutSeconds)
	}
	return nil
}

func given(properties resource.PropertyMap, key resource.PropertyKey) bool {
	value, has := properties[key]
	value = property.Reveal(value)
	return has && !(value.IsString() && value.StringValue() == "")
}

func (p *Provider) chartVersion(release *Release) (string, error) {
	configuration, err := p.configuration(release.Namespace)
	if err != nil {
		return "", err
	}
	options := &action.NewInstall(configuration).ChartPathOptions
	loaded, _, err := release.loadChart(options, p.settings, configuration.RegistryClient)
	if err != nil {
		return "", err
	}
	return loaded.Metadata.Version, nil
}

// Diff: everything is an update, except that another name or namespace is another release.
func (p *Provider) Diff(request *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	state, err := property.Decode(request.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := property.Decode(request.GetNews())
	if err != nil {
		return nil, fmt.Errorf("diff failed because malformed resource inputs: %w", err)
	}
	for _, ignored := range request.GetIgnoreChanges() {
		if old, has := state[resource.PropertyKey(ignored)]; has && ignored == "version" {
			news["version"] = old
		}
	}
	olds := without(inputsOf(state), "checksum", "resourceNames")
	found := property.ThreeWay(olds, state, news)
	return property.Answer(found, func(path string) bool { return path == "name" || path == "namespace" }), nil
}
