// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

package object

import (
	"context"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"cutover.dev/sandbox/plugins/internal/property"
)

type waitContext = context.Context

// Create makes the object; an existing one is refused. In a preview the server is only asked (dry run), if it can be.
func (p *Provider) Create(request *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	inputs, err := property.Decode(request.GetProperties())
	if err != nil {
		return nil, err
	}
	manager, err := resource.NewUniqueHex("pulumi-kubernetes-", 8, 0)
	if err != nil {
		return nil, err
	}
	wanted := toObject(inputs)
	options := metav1.ApplyOptions{FieldManager: manager}
	if request.GetPreview() {
		options.DryRun = []string{metav1.DryRunAll}
	}
	live := wanted
	if !request.GetPreview() || !inputs.ContainsUnknowns() {
		created, err := p.create(wanted, options)
		if err != nil && !request.GetPreview() {
			return nil, fmt.Errorf("resource %q was not successfully created by the Kubernetes API server: %w",
				identifier(wanted), err)
		}
		if err == nil {
			live = created
		}
	}
	state, err := checkpoint(inputs, live, manager, wanted.GetAPIVersion())
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.CreateResponse{Properties: state}
	if !request.GetPreview() {
		response.Id = identifier(live)
	}
	return response, nil
}

// Applied, not posted: only then does a later apply remove what the inputs no longer have.
func (p *Provider) create(
	wanted *unstructured.Unstructured, options metav1.ApplyOptions,
) (*unstructured.Unstructured, error) {
	client, err := p.clientFor(wanted)
	if err != nil {
		return nil, err
	}
	existing, err := client.Get(p.ctx, wanted.GetName(), metav1.GetOptions{})
	if err == nil {
		return nil, errors.NewAlreadyExists(schema.GroupResource{Resource: existing.GetKind()}, wanted.GetName())
	}
	if !errors.IsNotFound(err) {
		return nil, err
	}
	return client.Apply(p.ctx, wanted.GetName(), wanted, options)
}

// Update applies the inputs server-side under the field manager of the creation.
func (p *Provider) Update(request *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	olds, err := property.Decode(request.GetOlds())
	if err != nil {
		return nil, err
	}
	inputs, err := property.Decode(request.GetNews())
	if err != nil {
		return nil, err
	}
	manager := managerOf(olds)
	wanted := toObject(inputs)
	live := wanted
	if !request.GetPreview() {
		client, err := p.clientFor(wanted)
		if err != nil {
			return nil, err
		}
		live, err = client.Apply(p.ctx, wanted.GetName(), wanted, metav1.ApplyOptions{FieldManager: manager, Force: true})
		if err != nil {
			return nil, fmt.Errorf("update of resource %q failed: %w", identifier(wanted), err)
		}
	}
	state, err := checkpoint(inputs, live, manager, wanted.GetAPIVersion())
	if err != nil {
		return nil, err
	}
	return &pulumirpc.UpdateResponse{Properties: state}, nil
}

// Read refreshes the state; without one it imports the object of the id (namespace/name or name).
func (p *Provider) Read(request *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	state, err := property.Decode(request.GetProperties())
	if err != nil {
		return nil, err
	}
	wanted := toObject(state)
	if wanted.GetName() == "" {
		wanted = fromID(resource.URN(request.GetUrn()), request.GetId())
	}
	client, err := p.clientFor(wanted)
	if err != nil {
		return nil, err
	}
	live, err := client.Get(p.ctx, wanted.GetName(), metav1.GetOptions{})
	if errors.IsNotFound(err) {
		return &pulumirpc.ReadResponse{}, nil
	}
	if err != nil {
		return nil, err
	}
	inputs := inputsOf(state)
	if len(inputs) == 0 {
		inputs = asInputs(live)
	}
	properties, err := checkpoint(inputs, live, managerOf(state), live.GetAPIVersion())
	if err != nil {
		return nil, err
	}
	encoded, err := property.Encode(inputs)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.ReadResponse{Id: identifier(live), Properties: properties, Inputs: encoded}, nil
}

// Delete removes the object and waits until it is gone.
func (p *Provider) Delete(request *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	state, err := property.Decode(request.GetProperties())
	if err != nil {
		return nil, err
	}
	if err := p.deleteAndWait(toObject(state)); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

func managerOf(state resource.PropertyMap) string {
	if value := property.Reveal(state[managerKey]); value.IsString() {
		return value.StringValue()
	}
	return "pulumi-kubernetes"
}

// fromID makes the object that is to be imported: apiVersion and kind are in the resource type.
func fromID(urn resource.URN, id string) *unstructured.Unstructured {
	parts := strings.Split(string(urn.Type()), ":")
	object := &unstructured.Unstructured{Object: map[string]any{}}
	object.SetAPIVersion(strings.TrimPrefix(parts[1], "core/"))
	object.SetKind(parts[len(parts)-1])
	if namespace, name, both := strings.Cut(id, "/"); both {
		object.SetNamespace(namespace)
		object.SetName(name)
	} else {
		object.SetName(id)
	}
	return object
}

func asInputs(live *unstructured.Unstructured) resource.PropertyMap {
	object := live.DeepCopy()
	unstructured.RemoveNestedField(object.Object, "status")
	for _, field := range []string{"creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"} {
		unstructured.RemoveNestedField(object.Object, "metadata", field)
	}
	inputs := resource.NewPropertyMapFromMap(object.Object)
	hideSecretData(inputs)
	return inputs
}

func checkpoint(inputs resource.PropertyMap, live *unstructured.Unstructured, manager, apiVersion string,
) (*structpb.Struct, error) {
	state := resource.NewPropertyMapFromMap(live.Object)
	state[inputsKey] = resource.NewObjectProperty(inputs)
	state[managerKey] = resource.NewStringProperty(manager)
	state[apiVersionKey] = resource.NewStringProperty(apiVersion)
	property.CopyUnknowns(state, inputs)
	property.CopySecrets(state, inputs)
	hideSecretData(state)
	return property.Encode(state)
}
