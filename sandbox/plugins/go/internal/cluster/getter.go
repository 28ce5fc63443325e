// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

package cluster

import (
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
)

// Getter gives Helm its clients for one namespace. Each has a discovery cache of its own, so that kinds defined by
// an earlier release are seen.
type Getter struct {
	rest      *rest.Config
	loader    clientcmd.ClientConfig
	discovery discovery.CachedDiscoveryInterface
}

// Getter makes clients whose objects without a namespace go to this one.
func (c *Cluster) Getter(namespace string) *Getter {
	return &Getter{rest: c.rest, loader: c.loader(namespace)}
}

// ToRESTConfig implements genericclioptions.RESTClientGetter.
func (g *Getter) ToRESTConfig() (*rest.Config, error) {
	if g.rest == nil {
		return g.loader.ClientConfig()
	}
	return rest.CopyConfig(g.rest), nil
}

// ToDiscoveryClient implements genericclioptions.RESTClientGetter.
func (g *Getter) ToDiscoveryClient() (discovery.CachedDiscoveryInterface, error) {
	if g.discovery != nil {
		return g.discovery, nil
	}
	config, err := g.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	g.discovery = memory.NewMemCacheClient(client)
	return g.discovery, nil
}

// ToRESTMapper implements genericclioptions.RESTClientGetter.
func (g *Getter) ToRESTMapper() (meta.RESTMapper, error) {
	client, err := g.ToDiscoveryClient()
	if err != nil {
		return nil, err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(client)
	return restmapper.NewShortcutExpander(mapper, client, nil), nil
}

// ToRawKubeConfigLoader implements genericclioptions.RESTClientGetter.
func (g *Getter) ToRawKubeConfigLoader() clientcmd.ClientConfig { return g.loader }

// Dynamic gives a client for objects of any kind.
func (g *Getter) Dynamic() (dynamic.Interface, error) {
	config, err := g.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	return dynamic.NewForConfig(config)
}
