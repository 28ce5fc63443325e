// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

package kubernetes

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// The call's context is left alone on purpose: it ends when the engine dies, and the work must not.

func (p *provider) Check(_ context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	chosen, err := p.handlerOf(request.GetUrn())
	if err != nil {
		return nil, err
	}
	return chosen.Check(request)
}

func (p *provider) Diff(_ context.Context, request *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	chosen, err := p.handlerOf(request.GetUrn())
	if err != nil {
		return nil, err
	}
	return chosen.Diff(request)
}

func (p *provider) Create(_ context.Context, request *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	chosen, err := p.handlerOf(request.GetUrn())
	if err != nil {
		return nil, err
	}
	return chosen.Create(request)
}

func (p *provider) Read(_ context.Context, request *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	chosen, err := p.handlerOf(request.GetUrn())
	if err != nil {
		return nil, err
	}
	return chosen.Read(request)
}

func (p *provider) Update(_ context.Context, request *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	chosen, err := p.handlerOf(request.GetUrn())
	if err != nil {
		return nil, err
	}
	return chosen.Update(request)
}

func (p *provider) Delete(_ context.Context, request *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	chosen, err := p.handlerOf(request.GetUrn())
	if err != nil {
		return nil, err
	}
	return chosen.Delete(request)
}
