// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

package object

import (
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"

	"cutover.dev/sandbox/plugins/internal/property"
)

const (
	deletePoll    = 200 * time.Millisecond
	deleteTimeout = 10 * time.Minute
)

// clientFor gives the client of an object's kind in its namespace.
func (p *Provider) clientFor(object *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	if reason := p.cluster.Unreachable; reason != "" {
		return nil, fmt.Errorf("configured Kubernetes cluster is unreachable: %s", reason)
	}
	mapping, err := p.mapping(object.GroupVersionKind())
	if err != nil {
		return nil, err
	}
	client, err := p.cluster.Getter("").Dynamic()
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return client.Resource(mapping.Resource).Namespace(object.GetNamespace()), nil
	}
	return client.Resource(mapping.Resource), nil
}

func (p *Provider) mapping(kind schema.GroupVersionKind) (*meta.RESTMapping, error) {
	mapper, err := p.cluster.Getter("").ToRESTMapper()
	if err != nil {
		return nil, err
	}
	return mapper.RESTMapping(kind.GroupKind(), kind.Version)
}

// namespaced asks the server; an unknown kind (a CRD not yet applied) or no server counts as without namespace.
func (p *Provider) namespaced(inputs resource.PropertyMap) bool {
	if p.cluster.Unreachable != "" {
		return false
	}
	mapping, err := p.mapping(toObject(inputs).GroupVersionKind())
	return err == nil && mapping.Scope.Name() == meta.RESTScopeNameNamespace
}

func (p *Provider) deleteAndWait(object *unstructured.Unstructured) error {
	client, err := p.clientFor(object)
	if meta.IsNoMatchError(err) {
		return nil
	}
	if err != nil {
		return err
	}
	policy := metav1.DeletePropagationBackground
	err = client.Delete(p.ctx, object.GetName(), metav1.DeleteOptions{PropagationPolicy: &policy})
	if errors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	uid := object.GetUID()
	return wait.PollUntilContextTimeout(p.ctx, deletePoll, deleteTimeout, true, func(ctx waitContext) (bool, error) {
		found, err := client.Get(ctx, object.GetName(), metav1.GetOptions{})
		if errors.IsNotFound(err) {
			return true, nil
		}
		return err == nil && uid != "" && found.GetUID() != uid, err
	})
}

func toObject(properties resource.PropertyMap) *unstructured.Unstructured {
	content := property.Plain(properties)
	for _, key := range []string{inputsKey, managerKey, apiVersionKey, "id"} {
		delete(content, key)
	}
	return &unstructured.Unstructured{Object: content}
}

func identifier(object *unstructured.Unstructured) string {
	if namespace := object.GetNamespace(); namespace != "" {
		return namespace + "/" + object.GetName()
	}
	return object.GetName()
}
