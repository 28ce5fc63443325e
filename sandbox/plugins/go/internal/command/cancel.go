// STAND-IN for the official Pulumi plugin command 1.2.1; used only where that cannot be downloaded.

package command

import (
	"context"
	"sync"
	"time"
)

// canceler ties every operation to the engine's Cancel; what starts after it is cancelled at once.
type canceler struct {
	mutex     sync.Mutex
	cancelled bool
	next      int
	running   map[int]context.CancelFunc
}

// operation gives a context that ends with the call, with Cancel, or after timeout (seconds, 0: none).
func (c *canceler) operation(ctx context.Context, timeout float64) (context.Context, func()) {
	var cancel context.CancelFunc
	if timeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(timeout*float64(time.Second)))
	} else {
		ctx, cancel = context.WithCancel(ctx)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.cancelled {
		cancel()
		return ctx, func() {}
	}
	if c.running == nil {
		c.running = map[int]context.CancelFunc{}
	}
	number := c.next
	c.next++
	c.running[number] = cancel
	return ctx, func() {
		c.mutex.Lock()
		delete(c.running, number)
		c.mutex.Unlock()
		cancel()
	}
}

func (c *canceler) cancel() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.cancelled = true
	for _, cancel := range c.running {
		cancel()
	}
}
