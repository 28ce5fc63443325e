// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

package release

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/cli"
	"helm.sh/helm/v3/pkg/downloader"
	"helm.sh/helm/v3/pkg/getter"
	"helm.sh/helm/v3/pkg/registry"
)

// loadChart finds the chart of a release: a local folder or archive (relative to the project folder, which is the
// working directory of a plugin), else a repository or OCI reference.
func (r *Release) loadChart(options *action.ChartPathOptions, settings *cli.EnvSettings,
	registryClient *registry.Client,
) (*chart.Chart, string, error) {
	name := strings.TrimSpace(r.Chart)
	options.Version = strings.TrimSpace(r.Version)
	if options.Version == "" && r.Devel {
		options.Version = ">0.0.0-0"
	}
	options.Keyring, options.Verify = r.Keyring, r.Verify
	if repository := r.RepositoryOpts; repository != nil {
		options.CertFile, options.CaFile, options.KeyFile = repository.CertFile, repository.CAFile, repository.KeyFile
		options.Username, options.Password = repository.Username, repository.Password
		if _, err := url.ParseRequestURI(repository.Repo); err == nil && !registry.IsOCI(name) {
			options.RepoURL = repository.Repo
		} else if !registry.IsOCI(name) && !strings.Contains(name, "/") && repository.Repo != "" {
			name = repository.Repo + "/" + name
		}
	}
	path, err := locate(options, settings, name)
	if err != nil {
		return nil, "", err
	}
	loaded, err := loader.Load(path)
	if err != nil {
		return nil, "", err
	}
	if missing := action.CheckDependencies(loaded, loaded.Metadata.Dependencies); missing != nil {
		if !r.DependencyUpdate {
			return nil, "", missing
		}
		manager := &downloader.Manager{
			Out: os.Stderr, ChartPath: path, Keyring: r.Keyring, Getters: getter.All(settings),
			RepositoryConfig: settings.RepositoryConfig, RepositoryCache: settings.RepositoryCache,
			RegistryClient: registryClient,
		}
		if err := manager.Update(); err != nil {
			return nil, "", err
		}
		if loaded, err = loader.Load(path); err != nil {
			return nil, "", err
		}
	}
	return loaded, path, nil
}

func locate(options *action.ChartPathOptions, settings *cli.EnvSettings, name string) (string, error) {
	if options.RepoURL == "" {
		if local, found := localChart(name); found {
			absolute, err := filepath.Abs(local)
			if err == nil && options.Verify {
				_, err = downloader.VerifyChart(name, options.Keyring)
			}
			return absolute, err
		}
		if filepath.IsAbs(name) || strings.HasPrefix(name, ".") {
			return "", fmt.Errorf("path %q not found", name)
		}
	}
	return options.LocateChart(name, settings)
}

// A folder without Chart.yaml is no chart, but may have the name of a repository's.
func localChart(name string) (string, bool) {
	info, err := os.Stat(name)
	if err != nil {
		return "", false
	}
	if info.IsDir() {
		if _, err := os.Stat(filepath.Join(name, "Chart.yaml")); err != nil {
			return "", false
		}
	}
	return name, true
}

// programChart looks for an imported release's chart in the project folder, since Helm stores only its name.
func programChart(name, version string) (string, bool) {
	for _, candidate := range []string{name + "-" + version, name + "-" + version + ".tgz", name, name + ".tgz"} {
		if _, err := os.Stat(candidate); err != nil {
			continue
		}
		if _, err := loader.Load(candidate); err == nil {
			return candidate, true
		}
	}
	return "", false
}

func installable(loaded *chart.Chart) error {
	if kind := loaded.Metadata.Type; kind != "" && kind != "application" {
		return errors.New(kind + " charts are not installable")
	}
	return nil
}
