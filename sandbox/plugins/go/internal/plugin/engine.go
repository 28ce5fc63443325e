// STAND-IN for parts of the official Pulumi plugins kubernetes 4.32.0 and command 1.2.1; used only where those cannot be downloaded.

package plugin

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
)

// Engine is the Pulumi process that started this plugin; it receives log lines.
type Engine struct {
	client pulumirpc.EngineClient
}

func dialEngine(address string) (*Engine, error) {
	connection, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return nil, err
	}
	return &Engine{client: pulumirpc.NewEngineClient(connection)}, nil
}

// Info shows a lasting line; urn may be empty, then it belongs to the stack.
func (e *Engine) Info(urn, message string) {
	e.log(pulumirpc.LogSeverity_INFO, urn, message, false)
}

// Warning shows a lasting warning.
func (e *Engine) Warning(urn, message string) {
	e.log(pulumirpc.LogSeverity_WARNING, urn, message, false)
}

// Progress shows a line beside the resource while its operation runs.
func (e *Engine) Progress(urn, message string) {
	e.log(pulumirpc.LogSeverity_INFO, urn, message, true)
}

// A lost log line must never fail or delay an operation whose engine is gone, so errors are dropped.
func (e *Engine) log(severity pulumirpc.LogSeverity, urn, message string, ephemeral bool) {
	if e == nil {
		return
	}
	_, _ = e.client.Log(context.Background(), &pulumirpc.LogRequest{
		Severity: severity, Urn: urn, Message: message, Ephemeral: ephemeral,
	})
}
