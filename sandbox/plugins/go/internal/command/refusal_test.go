// STAND-IN for the official Pulumi plugin command 1.2.1; used only where that cannot be downloaded.

package command

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func TestRefusesWhatItDoesNotDo(t *testing.T) {
	server := New(nil)
	_, err := server.Check(context.Background(),
		&pulumirpc.CheckRequest{Urn: "urn:pulumi:s::p::command:remote:Command::a"})
	if err == nil || !strings.Contains(err.Error(), "command:remote:Command is not supported by the stand-in") {
		t.Fatalf("got %v", err)
	}
	_, err = server.Invoke(context.Background(), &pulumirpc.InvokeRequest{Tok: "command:local:run"})
	if err == nil || !strings.Contains(err.Error(), "command:local:run is not supported by the stand-in") {
		t.Fatalf("got %v", err)
	}
	_, failures := checkInputs(resource.NewPropertyMapFromMap(map[string]any{
		"create": 1.0, "assetPaths": []any{"*"}, "environment": map[string]any{"A": 1.0},
	}))
	var named []string
	for _, failure := range failures {
		named = append(named, failure.GetProperty())
	}
	if strings.Join(named, " ") != "assetPaths create environment" {
		t.Fatalf("got %v", failures)
	}
}
