// STAND-IN for parts of the official Pulumi plugins kubernetes 4.32.0 and command 1.2.1; used only where those cannot be downloaded.

// Package plugin starts a provider the way the Pulumi engine expects it: port on stdout, gRPC on loopback.
package plugin

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// The official plugins look for a living engine at this interval and end when it is gone.
const engineCheckInterval = 5 * time.Minute

// Identity says which official plugin is stood in for.
type Identity struct {
	Name    string
	Version string
}

// Notice is the line that says what this is.
func (i Identity) Notice() string {
	return fmt.Sprintf("STAND-IN plugin %s (official %s not available)", i.Name, i.Version)
}

// Main serves the provider until the engine is gone; it ends the process with status 1 when it cannot.
func Main(identity Identity, create func(*Engine) pulumirpc.ResourceProviderServer) {
	if len(os.Args) > 1 && (os.Args[1] == "--version" || os.Args[1] == "-version") {
		fmt.Printf("%s stand-in\n", identity.Version)
		return
	}
	if err := serve(create); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", identity.Notice(), err)
		os.Exit(1)
	}
}

func serve(create func(*Engine) pulumirpc.ResourceProviderServer) error {
	// An orphan must finish its upgrade: a broken pipe to the dead engine is no reason to end. Notify, not Ignore,
	// since ignored signals would be inherited by commands.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)

	var engine *Engine
	var cancel chan bool
	if address := engineAddress(os.Args[1:]); address != "" {
		var err error
		if engine, err = dialEngine(address); err != nil {
			return err
		}
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		cancel = make(chan bool)
		go func() {
			<-ctx.Done()
			close(cancel)
		}()
		if err := rpcutil.Healthcheck(ctx, address, engineCheckInterval, stop); err != nil {
			return err
		}
	}
	provider := create(engine)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterResourceProviderServer(server, provider)
			return nil
		},
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d\n", handle.Port)
	return <-handle.Done
}

// engineAddress skips the engine's own flags (-v=9, -logflow, -tracing).
func engineAddress(arguments []string) string {
	for i := len(arguments) - 1; i >= 0; i-- {
		if !strings.HasPrefix(arguments[i], "-") {
			return arguments[i]
		}
	}
	return ""
}
