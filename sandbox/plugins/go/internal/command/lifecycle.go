// STAND-IN for the official Pulumi plugin command 1.2.1; used only where that cannot be downloaded.

package command

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"

	"cutover.dev/sandbox/plugins/internal/property"
)

// Create runs `create`; a failure leaves nothing in the state.
func (p *provider) Create(ctx context.Context, request *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	inputs, err := property.Decode(request.GetProperties())
	if err != nil {
		return nil, err
	}
	urn := resource.URN(request.GetUrn())
	id, err := resource.NewUniqueHex(urn.Name(), 8, 0)
	if err != nil {
		return nil, err
	}
	state := inputs.Copy()
	if request.GetPreview() {
		state["stdout"], state["stderr"] = property.Unknown(), property.Unknown()
	} else {
		line, _ := text(inputs, "create")
		if err := p.runInto(ctx, state, string(urn), line, output{}, request.GetTimeout()); err != nil {
			return nil, err
		}
	}
	encoded, err := property.Encode(state)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CreateResponse{Id: id, Properties: encoded}, nil
}

// Update runs `update`, or `create` again when there is none; with neither, the last output stays.
func (p *provider) Update(ctx context.Context, request *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	olds, err := property.Decode(request.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := property.Decode(request.GetNews())
	if err != nil {
		return nil, err
	}
	state := news.Copy()
	previous := outputOf(olds)
	if request.GetPreview() {
		setOutput(state, previous)
		if anyInputChanges(olds, news) {
			state["stdout"], state["stderr"] = property.Unknown(), property.Unknown()
		}
	} else {
		line, set := text(news, "update")
		if !set {
			line, _ = text(news, "create")
		}
		if err := p.runInto(ctx, state, request.GetUrn(), line, previous, request.GetTimeout()); err != nil {
			return nil, err
		}
	}
	encoded, err := property.Encode(state)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.UpdateResponse{Properties: encoded}, nil
}

// Delete runs `delete`, if there is one.
func (p *provider) Delete(ctx context.Context, request *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	state, err := property.Decode(request.GetProperties())
	if err != nil {
		return nil, err
	}
	line, _ := text(state, "delete")
	if err := p.runInto(ctx, state, request.GetUrn(), line, outputOf(state), request.GetTimeout()); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

func (p *provider) runInto(ctx context.Context, state resource.PropertyMap, urn, line string, previous output,
	timeout float64,
) error {
	setOutput(state, previous)
	if line == "" {
		return nil
	}
	ctx, done := p.canceler.operation(ctx, timeout)
	defer done()
	result, err := run(ctx, line, state, previous, func(message string) { p.engine.Progress(urn, message) })
	if err != nil {
		return err
	}
	setOutput(state, result)
	return nil
}

func outputOf(state resource.PropertyMap) output {
	stdout, _ := text(state, "stdout")
	stderr, _ := text(state, "stderr")
	return output{stdout, stderr}
}

// The output is no secret even when an input is one: so it is with the official plugin (pulumi-command#260).
func setOutput(state resource.PropertyMap, result output) {
	state["stdout"] = resource.NewStringProperty(result.stdout)
	state["stderr"] = resource.NewStringProperty(result.stderr)
}

func anyInputChanges(olds, news resource.PropertyMap) bool {
	for key := range inputShapes {
		wanted := news[key]
		old, had := olds[key]
		if wanted.ContainsUnknowns() || (had && !old.DeepEquals(wanted)) {
			return true
		}
	}
	return false
}
