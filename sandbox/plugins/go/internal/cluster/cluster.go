// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

// Package cluster finds the Kubernetes API server that the provider's configuration names.
package cluster

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"cutover.dev/sandbox/plugins/internal/property"
)

// Cluster is one API server with the namespace that objects without one go to.
type Cluster struct {
	Namespace string
	rest      *rest.Config
	explicit  *api.Config
	overrides clientcmd.ConfigOverrides
	// Unreachable says why nothing can be done; empty when the server answered.
	Unreachable string
}

// Connect reads kubeconfig, context, cluster and namespace from the provider's inputs. A missing or unreachable cluster
// is no error yet: previews must work without one.
func Connect(inputs map[string]any) (*Cluster, error) {
	c := &Cluster{Namespace: "default"}
	if content, set := inputs["kubeconfig"].(string); set && content != "" {
		config, err := parse(content)
		if err != nil {
			return nil, fmt.Errorf("failed to parse kubeconfig: %w", err)
		}
		c.explicit = config
	}
	if name, set := inputs["context"].(string); set {
		c.overrides.CurrentContext = name
	}
	if name, set := inputs["cluster"].(string); set {
		c.overrides.Context.Cluster = name
	}
	loader := c.loader("")
	if namespace, set := inputs["namespace"].(string); set && namespace != "" {
		c.Namespace = namespace
	} else if namespace, _, err := loader.Namespace(); err == nil && namespace != "" {
		c.Namespace = namespace
	}
	config, err := loader.ClientConfig()
	if err != nil {
		c.Unreachable = "unable to load Kubernetes client configuration from kubeconfig file. " + err.Error()
		return c, nil
	}
	// Numbers of the official plugin: they decide how fast many releases go at once.
	config.QPS, config.Burst = 50, 120
	config.WarningHandler = rest.NoWarnings{}
	c.rest = config
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err == nil {
		_, err = client.ServerVersion()
	}
	if err != nil {
		c.Unreachable = "unable to load schema information from the API server: " + err.Error()
	}
	return c, nil
}

func (c *Cluster) loader(namespace string) clientcmd.ClientConfig {
	overrides := c.overrides
	if namespace != "" {
		overrides.Context.Namespace = namespace
	}
	if c.explicit != nil {
		return clientcmd.NewDefaultClientConfig(*c.explicit, &overrides)
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &overrides)
}

// A kubeconfig input is a path or the content itself.
func parse(pathOrContent string) (*api.Config, error) {
	if content, err := os.ReadFile(pathOrContent); err == nil {
		return clientcmd.Load(content)
	}
	return clientcmd.Load([]byte(pathOrContent))
}

// Server is the address and namespace that two provider configurations are compared by: another address means other
// objects, so everything is replaced.
func Server(inputs resource.PropertyMap) string {
	c, err := connectOffline(property.Plain(inputs))
	if err != nil || c.rest == nil {
		return ""
	}
	return c.rest.Host
}

func connectOffline(inputs map[string]any) (*Cluster, error) {
	c := &Cluster{}
	if content, set := inputs["kubeconfig"].(string); set && content != "" {
		config, err := parse(content)
		if err != nil {
			return nil, err
		}
		c.explicit = config
	}
	if name, set := inputs["context"].(string); set {
		c.overrides.CurrentContext = name
	}
	config, err := c.loader("").ClientConfig()
	if err != nil {
		return nil, err
	}
	c.rest = config
	return c, nil
}
