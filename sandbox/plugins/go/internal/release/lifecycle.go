// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

package release

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"cutover.dev/sandbox/plugins/internal/property"
)

// Create is helm install.
func (p *Provider) Create(request *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	inputs, err := property.Decode(request.GetProperties())
	if err != nil {
		return nil, fmt.Errorf("create failed because malformed resource inputs: %w", err)
	}
	release, err := decode(inputs)
	if err != nil {
		return nil, err
	}
	id, failed := "", (*failedError)(nil)
	if !request.GetPreview() {
		if reason := p.cluster.Unreachable; reason != "" {
			return nil, fmt.Errorf("can't create Helm Release with unreachable cluster: %s", reason)
		}
		id = release.ID()
		if err := p.install(request.GetUrn(), release); err != nil && !errors.As(err, &failed) {
			return nil, err
		}
	}
	state, err := property.Encode(checkpoint(inputs, release, request.GetPreview()))
	if err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, partial(id, fmt.Errorf("Helm release %q was created, but failed to initialize completely. "+
			"Use Helm CLI to investigate: %w", id, failed), state)
	}
	return &pulumirpc.CreateResponse{Id: id, Properties: state}, nil
}

// Update is helm upgrade. Without revision, since a preview cannot know whether hooks will let it pass.
func (p *Provider) Update(request *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	olds, err := property.Decode(request.GetOlds())
	if err != nil {
		return nil, err
	}
	inputs, err := property.Decode(request.GetNews())
	if err != nil {
		return nil, fmt.Errorf("update failed because malformed resource inputs: %w", err)
	}
	old, err := decode(olds)
	if err != nil {
		return nil, err
	}
	release, err := decode(inputs)
	if err != nil {
		return nil, err
	}
	failed := (*failedError)(nil)
	if !request.GetPreview() {
		if reason := p.cluster.Unreachable; reason != "" {
			return nil, fmt.Errorf("can't update Helm Release with unreachable cluster: %s", reason)
		}
		if err := p.upgrade(old.Namespace, release); err != nil && !errors.As(err, &failed) {
			return nil, err
		}
	}
	state, err := property.Encode(checkpoint(inputs, release, request.GetPreview()))
	if err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, partial(release.ID(), fmt.Errorf("Helm release %q failed to initialize completely. "+
			"Use Helm CLI to investigate: %w", release.ID(), failed), state)
	}
	return &pulumirpc.UpdateResponse{Properties: state}, nil
}

// Read takes over the latest revision; with no state yet it imports the release of the id namespace/name.
func (p *Provider) Read(request *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	if reason := p.cluster.Unreachable; reason != "" {
		return nil, fmt.Errorf("configured Kubernetes cluster is unreachable: %s", reason)
	}
	state, err := property.Decode(request.GetProperties())
	if err != nil {
		return nil, err
	}
	release, err := decode(state)
	if err != nil {
		return nil, err
	}
	namespace, name := release.Namespace, release.Name
	if len(state) == 0 {
		namespace, name = splitID(request.GetId())
	}
	configuration, err := p.configuration(namespace)
	if err != nil {
		return nil, err
	}
	stored, err := find(configuration, name)
	if err != nil {
		return nil, err
	}
	if stored == nil {
		return &pulumirpc.ReadResponse{}, nil
	}
	if err := release.record(stored); err != nil {
		return nil, err
	}
	inputs := inputsOf(state)
	if inputs == nil {
		if path, found := programChart(stored.Chart.Metadata.Name, stored.Chart.Metadata.Version); found {
			release.Chart = path
		}
		inputs = without(resource.NewPropertyMap(release), "resourceNames", "status")
		if err := p.setDefaults(resource.URN(request.GetUrn()), nil, inputs); err != nil {
			return nil, err
		}
	}
	encodedState, err := property.Encode(checkpoint(inputs, release, false))
	if err != nil {
		return nil, err
	}
	encodedInputs, err := property.Encode(inputs)
	if err != nil {
		return nil, err
	}
	id := request.GetId()
	if id == "" {
		id = release.ID()
	}
	return &pulumirpc.ReadResponse{Id: id, Properties: encodedState, Inputs: encodedInputs}, nil
}

// Delete is helm uninstall. It cannot be cancelled.
func (p *Provider) Delete(request *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	state, err := property.Decode(request.GetProperties())
	if err != nil {
		return nil, err
	}
	release, err := decode(state)
	if err != nil {
		return nil, err
	}
	if err := p.uninstall(request.GetUrn(), release); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

func splitID(id string) (namespace, name string) {
	if namespace, name, both := strings.Cut(id, "/"); both {
		return namespace, name
	}
	return "", id
}

// partial tells the engine that the resource exists with this state but is not initialised: without inputs, so that
// the old ones stay in the state.
func partial(id string, err error, state *structpb.Struct) error {
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, err.Error()), &pulumirpc.ErrorResourceInitFailed{
		Id: id, Properties: state, Reasons: []string{err.Error()},
	})
}
