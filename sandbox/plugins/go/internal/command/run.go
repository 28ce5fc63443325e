// STAND-IN for the official Pulumi plugin command 1.2.1; used only where that cannot be downloaded.

package command

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"cutover.dev/sandbox/plugins/internal/property"
)

type output struct{ stdout, stderr string }

// run starts the interpreter and waits until every process that holds its output has closed it. A cancelled context
// kills only the interpreter itself (SIGKILL), so a living grandchild still delays the return, as with the official plugin.
func run(ctx context.Context, line string, inputs resource.PropertyMap, previous output, say func(string)) (output, error) {
	arguments := append(interpreter(inputs), line)
	cmd := exec.CommandContext(ctx, arguments[0], arguments[1:]...)
	cmd.Env = environment(inputs, previous)
	if dir, set := text(inputs, "dir"); set {
		cmd.Dir = dir
	} else {
		dir, err := os.Getwd()
		if err != nil {
			return output{}, err
		}
		cmd.Dir = dir
	}
	if stdin, set := text(inputs, "stdin"); set && stdin != "" {
		cmd.Stdin = strings.NewReader(stdin)
	}

	var stdout, stderr bytes.Buffer
	var both lockedBuffer
	logReader, logWriter := io.Pipe()
	cmd.Stdout = writers(&stdout, &both, logWriter, logs(inputs, "stdout"))
	cmd.Stderr = writers(&stderr, &both, logWriter, logs(inputs, "stderr"))
	logged := make(chan struct{})
	go func() {
		defer close(logged)
		// Like the official plugin, this stops reading at a line over 64 KiB, and the command then hangs on its pipe:
		// a step that prints such a line must be found here, not in production.
		scanner := bufio.NewScanner(logReader)
		for scanner.Scan() {
			say(scanner.Text())
		}
	}()

	err := cmd.Start()
	if err == nil {
		err = cmd.Wait()
	}
	_ = logWriter.Close()
	<-logged
	if err != nil {
		return output{}, fmt.Errorf("%w: running %q:\n%s", err, line, both.String())
	}
	return output{
		stdout: strings.TrimSuffix(stdout.String(), "\n"),
		stderr: strings.TrimSuffix(stderr.String(), "\n"),
	}, nil
}

func interpreter(inputs resource.PropertyMap) []string {
	var words []string
	if value := property.Reveal(inputs["interpreter"]); value.IsArray() {
		for _, item := range value.ArrayValue() {
			words = append(words, property.Reveal(item).StringValue())
		}
	}
	if len(words) == 0 {
		return []string{"/bin/sh", "-c"}
	}
	return words
}

func environment(inputs resource.PropertyMap, previous output) []string {
	variables := os.Environ()
	if value := property.Reveal(inputs["environment"]); value.IsObject() {
		for name, item := range value.ObjectValue() {
			variables = append(variables, string(name)+"="+property.Reveal(item).StringValue())
		}
	}
	if wanted := property.Reveal(inputs["addPreviousOutputInEnv"]); wanted.IsBool() && !wanted.BoolValue() {
		return variables
	}
	if previous.stdout != "" {
		variables = append(variables, "PULUMI_COMMAND_STDOUT="+previous.stdout)
	}
	if previous.stderr != "" {
		variables = append(variables, "PULUMI_COMMAND_STDERR="+previous.stderr)
	}
	return variables
}

func logs(inputs resource.PropertyMap, stream string) bool {
	wanted, set := text(inputs, "logging")
	return !set || wanted == stream || wanted == "stdoutAndStderr"
}

func writers(own, both, log io.Writer, logging bool) io.Writer {
	if logging {
		return io.MultiWriter(own, both, log)
	}
	return io.MultiWriter(own, both)
}

// lockedBuffer keeps both streams in the order in which they came, for the failure text.
type lockedBuffer struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(data []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.Write(data)
}

func (b *lockedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.String()
}
