// STAND-IN for the official Pulumi plugin command 1.2.1; used only where that cannot be downloaded.

// Package command implements command:local:Command with the semantics observed of the official plugin 1.2.1.
package command

import (
	"context"
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"cutover.dev/sandbox/plugins/internal/plugin"
	"cutover.dev/sandbox/plugins/internal/property"
)

// Identity of the official plugin that this stands in for.
var Identity = plugin.Identity{Name: "command", Version: "1.2.1"}

const localCommand = "command:local:Command"

type provider struct {
	pulumirpc.UnimplementedResourceProviderServer
	engine   *plugin.Engine
	notice   sync.Once
	canceler canceler
}

// New makes the provider.
func New(engine *plugin.Engine) pulumirpc.ResourceProviderServer {
	return &provider{engine: engine}
}

func (p *provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: Identity.Version}, nil
}

func (p *provider) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	schema := fmt.Sprintf(`{"name":"command","version":%q,"description":%q,"resources":{%q:{}}}`,
		Identity.Version, Identity.Notice(), localCommand)
	return &pulumirpc.GetSchemaResponse{Schema: schema}, nil
}

func (p *provider) CheckConfig(_ context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: request.GetNews()}, nil
}

func (p *provider) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
}

func (p *provider) Configure(
	context.Context, *pulumirpc.ConfigureRequest,
) (*pulumirpc.ConfigureResponse, error) {
	p.notice.Do(func() { p.engine.Info("", Identity.Notice()) })
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, SupportsPreview: true}, nil
}

func (p *provider) Invoke(_ context.Context, request *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	return nil, unsupported(request.GetTok())
}

func (p *provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	p.canceler.cancel()
	return &emptypb.Empty{}, nil
}

func (p *provider) Check(_ context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	if err := supported(request.GetUrn()); err != nil {
		return nil, err
	}
	news, err := property.Decode(request.GetNews())
	if err != nil {
		return nil, err
	}
	inputs, failures := checkInputs(news)
	encoded, err := property.Encode(inputs)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CheckResponse{Inputs: encoded, Failures: failures}, nil
}

// Read trusts the state, as the official plugin does: a command leaves nothing that could be looked at.
func (p *provider) Read(_ context.Context, request *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	if err := supported(request.GetUrn()); err != nil {
		return nil, err
	}
	return &pulumirpc.ReadResponse{
		Id: request.GetId(), Properties: request.GetProperties(), Inputs: request.GetInputs(),
	}, nil
}

func supported(urn string) error {
	if token := string(resource.URN(urn).Type()); token != localCommand {
		return unsupported(token)
	}
	return nil
}

func unsupported(token string) error {
	return status.Errorf(codes.Unimplemented, "%s is not supported by the stand-in of plugin command %s; only %s is",
		token, Identity.Version, localCommand)
}
