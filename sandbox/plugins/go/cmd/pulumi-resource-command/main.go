// STAND-IN for the official Pulumi plugin command 1.2.1; used only where that cannot be downloaded.

// Command pulumi-resource-command runs local commands as Pulumi resources.
package main

import (
	"cutover.dev/sandbox/plugins/internal/command"
	"cutover.dev/sandbox/plugins/internal/plugin"
)

func main() {
	plugin.Main(command.Identity, command.New)
}
