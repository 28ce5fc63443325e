// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

package release

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/postrender"
	"helm.sh/helm/v3/pkg/registry"
	helm "helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
)

// failedError is an install or upgrade of which Helm kept a failed revision: the resource exists, but is not healthy.
type failedError struct {
	release *Release
	cause   error
}

// The words "allocated timeout" stand there whatever the cause was; so it is with the official plugin.
func (e *failedError) Error() string {
	return fmt.Sprintf("failed to become available within allocated timeout. Error: Helm Release %s: %v",
		e.release.ID(), e.cause)
}

func (e *failedError) Unwrap() error { return e.cause }

func (p *Provider) configuration(namespace string) (*action.Configuration, error) {
	configuration := &action.Configuration{}
	err := configuration.Init(p.cluster.Getter(namespace), namespace, os.Getenv("HELM_DRIVER"), func(string, ...any) {})
	if err != nil {
		return nil, err
	}
	client, err := registry.NewClient(registry.ClientOptCredentialsFile(p.settings.RegistryConfig))
	if err != nil {
		return nil, err
	}
	configuration.RegistryClient = client
	return configuration, nil
}

func (p *Provider) install(urn string, release *Release) error {
	configuration, err := p.configuration(release.Namespace)
	if err != nil {
		return err
	}
	client := action.NewInstall(configuration)
	loaded, _, err := release.loadChart(&client.ChartPathOptions, p.settings, configuration.RegistryClient)
	if err != nil {
		return err
	}
	if err := installable(loaded); err != nil {
		return err
	}
	client.ReleaseName, client.Namespace = release.Name, release.Namespace
	client.CreateNamespace = release.CreateNamespace
	client.Timeout = release.timeout()
	client.Wait = !release.SkipAwait
	client.WaitForJobs = !release.SkipAwait && release.WaitForJobs
	client.Atomic = release.Atomic
	client.DisableHooks = release.DisableWebhooks
	client.DisableOpenAPIValidation = release.DisableOpenapiValidation
	client.Description = release.Description
	client.Devel, client.DependencyUpdate = release.Devel, release.DependencyUpdate
	client.Replace, client.SkipCRDs = release.Replace, release.SkipCrds
	client.SubNotes = release.RenderSubchartNotes
	if client.PostRenderer, err = release.postRenderer(); err != nil {
		return err
	}
	stored, err := client.RunWithContext(p.ctx, loaded, release.Values)
	if err == nil {
		return release.record(stored)
	}
	if stored == nil {
		return err
	}
	if kept, _ := find(configuration, release.Name); kept == nil {
		return err
	}
	if recordError := release.record(stored); recordError != nil {
		return recordError
	}
	p.engine.Warning(urn, fmt.Sprintf("Helm release %q was created but has a failed status. "+
		"Use the `helm` command to investigate the error, correct it, then retry. Reason: %v", release.Name, err))
	return &failedError{release, err}
}

func (p *Provider) upgrade(namespace string, release *Release) error {
	configuration, err := p.configuration(namespace)
	if err != nil {
		return err
	}
	client := action.NewUpgrade(configuration)
	loaded, path, err := release.loadChart(&client.ChartPathOptions, p.settings, configuration.RegistryClient)
	if err != nil {
		return err
	}
	if release.Lint {
		if err := lint(path, release.Values); err != nil {
			return err
		}
	}
	client.Namespace = release.Namespace
	client.Timeout = release.timeout()
	client.Wait = !release.SkipAwait
	client.WaitForJobs = !release.SkipAwait && release.WaitForJobs
	client.Atomic, client.CleanupOnFail = release.Atomic, release.CleanupOnFail
	// Not DisableWebhooks: the official plugin takes another input here than on install.
	client.DisableHooks = release.DisableCRDHooks
	client.Description = release.Description
	client.Devel = release.Devel
	client.Force, client.Recreate = release.ForceUpdate, release.RecreatePods
	client.ResetValues, client.ReuseValues = release.ResetValues, release.ReuseValues
	client.SubNotes = release.RenderSubchartNotes
	if release.MaxHistory != nil {
		client.MaxHistory = *release.MaxHistory
	}
	if client.PostRenderer, err = release.postRenderer(); err != nil {
		return err
	}
	stored, err := client.RunWithContext(p.ctx, release.Name, loaded, release.Values)
	if err == nil {
		return release.record(stored)
	}
	if stored == nil || errors.Is(err, driver.ErrNoDeployedReleases) {
		return err
	}
	if recordError := release.record(stored); recordError != nil {
		return recordError
	}
	return &failedError{release, err}
}

func (p *Provider) uninstall(urn string, release *Release) error {
	configuration, err := p.configuration(release.Namespace)
	if err != nil {
		return err
	}
	client := action.NewUninstall(configuration)
	if release.Atomic || !release.SkipAwait {
		client.Wait = true
		client.Timeout = release.timeout()
	}
	answer, err := client.Run(release.Name)
	if err != nil {
		return err
	}
	if answer.Info != "" {
		p.engine.Warning(urn, fmt.Sprintf("Helm uninstall returned information: %q", answer.Info))
	}
	return nil
}

func (r *Release) postRenderer() (postrender.PostRenderer, error) {
	if r.Postrender == "" {
		return nil, nil
	}
	return postrender.NewExec(r.Postrender)
}

// find reads the latest revision; nil when there is no such release.
func find(configuration *action.Configuration, name string) (*helm.Release, error) {
	stored, err := action.NewGet(configuration).Run(name)
	if err != nil && strings.Contains(err.Error(), "release: not found") {
		return nil, nil
	}
	return stored, err
}

func lint(path string, values map[string]any) error {
	result := action.NewLint().Run([]string{path}, values)
	if len(result.Errors) == 0 {
		return nil
	}
	return fmt.Errorf("malformed chart or values: \n\t%w", errors.Join(result.Errors...))
}
