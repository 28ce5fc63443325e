// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

// Package kubernetes answers the engine and hands each resource to the part that knows its kind.
package kubernetes

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"k8s.io/klog/v2"

	"cutover.dev/sandbox/plugins/internal/cluster"
	"cutover.dev/sandbox/plugins/internal/object"
	"cutover.dev/sandbox/plugins/internal/plugin"
	"cutover.dev/sandbox/plugins/internal/property"
	"cutover.dev/sandbox/plugins/internal/release"
)

// Identity of the official plugin that this stands in for.
var Identity = plugin.Identity{Name: "kubernetes", Version: "4.32.0"}

// handler is what each kind of resource implements.
type handler interface {
	Check(*pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error)
	Diff(*pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error)
	Create(*pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error)
	Read(*pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error)
	Update(*pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error)
	Delete(*pulumirpc.DeleteRequest) (*emptypb.Empty, error)
}

type provider struct {
	pulumirpc.UnimplementedResourceProviderServer
	engine   *plugin.Engine
	notice   sync.Once
	ctx      context.Context
	cancel   context.CancelFunc
	releases handler
	objects  handler
}

// New makes the provider.
func New(engine *plugin.Engine) pulumirpc.ResourceProviderServer {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	ctx, cancel := context.WithCancel(context.Background())
	return &provider{engine: engine, ctx: ctx, cancel: cancel}
}

func (p *provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: Identity.Version}, nil
}

func (p *provider) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	schema := fmt.Sprintf(`{"name":"kubernetes","version":%q,"description":%q,"resources":{%q:{}}}`,
		Identity.Version, Identity.Notice(), release.Token)
	return &pulumirpc.GetSchemaResponse{Schema: schema}, nil
}

func (p *provider) CheckConfig(_ context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: request.GetNews()}, nil
}

func (p *provider) DiffConfig(_ context.Context, request *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, err := property.Decode(request.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := property.Decode(request.GetNews())
	if err != nil {
		return nil, err
	}
	found := property.ThreeWay(olds, olds, news)
	otherServer := !news.ContainsUnknowns() && len(found) > 0 && cluster.Server(olds) != cluster.Server(news)
	return property.Answer(found, func(path string) bool {
		return otherServer && (path == "kubeconfig" || path == "context" || path == "cluster")
	}), nil
}

func (p *provider) Configure(
	_ context.Context, request *pulumirpc.ConfigureRequest,
) (*pulumirpc.ConfigureResponse, error) {
	inputs := map[string]any{}
	for key, value := range request.GetVariables() {
		inputs[strings.TrimPrefix(key, "kubernetes:config:")] = value
	}
	target, err := cluster.Connect(inputs)
	if err != nil {
		return nil, err
	}
	p.releases = release.New(p.ctx, p.engine, target)
	p.objects = object.New(p.ctx, target)
	p.notice.Do(func() { p.engine.Info("", Identity.Notice()) })
	if target.Unreachable != "" {
		p.engine.Warning("", "configured Kubernetes cluster is unreachable: "+target.Unreachable)
	}
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, SupportsPreview: true}, nil
}

func (p *provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	p.cancel()
	return &emptypb.Empty{}, nil
}

func (p *provider) Invoke(_ context.Context, request *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	return nil, status.Errorf(codes.Unimplemented, "%s is not supported by the stand-in of plugin kubernetes %s",
		request.GetTok(), Identity.Version)
}

func (p *provider) handlerOf(urn string) (handler, error) {
	token := string(resource.URN(urn).Type())
	switch {
	case p.releases == nil:
		return nil, status.Error(codes.FailedPrecondition, "the provider is not configured")
	case token == release.Token:
		return p.releases, nil
	case object.Handles(token):
		return p.objects, nil
	}
	return nil, status.Errorf(codes.Unimplemented, "%s is not supported by the stand-in of plugin kubernetes %s",
		token, Identity.Version)
}
