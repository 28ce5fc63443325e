// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

// Command pulumi-resource-kubernetes installs Helm releases and applies plain objects as Pulumi resources.
package main

import (
	"cutover.dev/sandbox/plugins/internal/kubernetes"
	"cutover.dev/sandbox/plugins/internal/plugin"
)

func main() {
	plugin.Main(kubernetes.Identity, kubernetes.New)
}
