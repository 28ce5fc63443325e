// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

// Package object implements plain Kubernetes objects: created, applied server-side, read and deleted as their inputs
// say. Unlike the official plugin it does not wait until an object is healthy, only until it exists or is gone.
package object

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"cutover.dev/sandbox/plugins/internal/cluster"
	"cutover.dev/sandbox/plugins/internal/property"
)

const (
	inputsKey     = "__inputs"
	managerKey    = "__fieldManager"
	apiVersionKey = "__initialApiVersion"
	autonamed     = "pulumi.com/autonamed"
)

var tokens = regexp.MustCompile(`^kubernetes:[a-z0-9.-]+/v[0-9][a-z0-9]*:[A-Z][A-Za-z0-9]*$`)

// Handles tells whether a resource type is a plain object.
func Handles(token string) bool {
	for _, other := range []string{"kubernetes:helm.sh/", "kubernetes:yaml/", "kubernetes:kustomize/"} {
		if strings.HasPrefix(token, other) {
			return false
		}
	}
	return tokens.MatchString(token) && !strings.HasSuffix(token, "List") && !strings.HasSuffix(token, "Patch")
}

// Provider handles the operations on objects; its context ends with the engine's Cancel.
type Provider struct {
	ctx     context.Context
	cluster *cluster.Cluster
}

// New makes the handler for one cluster.
func New(ctx context.Context, target *cluster.Cluster) *Provider {
	return &Provider{ctx: ctx, cluster: target}
}

// Check fills in the name (with a random suffix) and the namespace.
func (p *Provider) Check(request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	olds, err := property.Decode(request.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := property.Decode(request.GetNews())
	if err != nil {
		return nil, fmt.Errorf("check failed because malformed resource inputs: %w", err)
	}
	metadata := resource.PropertyMap{}
	if value := property.Reveal(news["metadata"]); value.IsObject() {
		metadata = value.ObjectValue()
	}
	if _, named := metadata["name"]; !named {
		if err := autoname(resource.URN(request.GetUrn()), olds, metadata); err != nil {
			return nil, err
		}
	}
	if _, placed := metadata["namespace"]; !placed && p.namespaced(news) {
		metadata["namespace"] = resource.NewStringProperty(p.cluster.Namespace)
	}
	if value := news["metadata"]; !value.IsComputed() {
		news["metadata"] = resource.NewObjectProperty(metadata)
	}
	hideSecretData(news)
	encoded, err := property.Encode(news)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CheckResponse{Inputs: encoded}, nil
}

// An object that once got a name by chance keeps it.
func autoname(urn resource.URN, olds, metadata resource.PropertyMap) error {
	annotations := resource.PropertyMap{}
	if value := property.Reveal(metadata["annotations"]); value.IsObject() {
		annotations = value.ObjectValue()
	}
	annotations[autonamed] = resource.NewStringProperty("true")
	metadata["annotations"] = resource.NewObjectProperty(annotations)
	if old := property.Reveal(olds["metadata"]); old.IsObject() && isAutonamed(old.ObjectValue()) {
		metadata["name"] = old.ObjectValue()["name"]
		return nil
	}
	name, err := resource.NewUniqueHex(strings.ToLower(urn.Name())+"-", 8, 0)
	metadata["name"] = resource.NewStringProperty(name)
	return err
}

func isAutonamed(metadata resource.PropertyMap) bool {
	annotations := property.Reveal(metadata["annotations"])
	return annotations.IsObject() && annotations.ObjectValue()[autonamed].HasValue()
}

// Data of Secrets is never in clear in the state.
func hideSecretData(properties resource.PropertyMap) {
	kind := property.Reveal(properties["kind"])
	if !kind.IsString() || kind.StringValue() != "Secret" {
		return
	}
	for _, key := range []resource.PropertyKey{"data", "stringData"} {
		if value, has := properties[key]; has && !value.IsSecret() {
			properties[key] = resource.MakeSecret(value)
		}
	}
}
