// STAND-IN for the official Pulumi plugin kubernetes 4.32.0; used only where that cannot be downloaded.

// Package release implements kubernetes:helm.sh/v3:Release on the Helm library that the official plugin embeds.
package release

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"sigs.k8s.io/yaml"

	"cutover.dev/sandbox/plugins/internal/property"
)

// Token of the resource type.
const Token = "kubernetes:helm.sh/v3:Release"

const defaultTimeoutSeconds = 300

// Release holds the inputs and outputs of one Helm release. Zero values are left out of the state.
type Release struct {
	AllowNullValues          bool                `json:"allowNullValues,omitempty"`
	Atomic                   bool                `json:"atomic,omitempty"`
	Chart                    string              `json:"chart,omitempty"`
	CleanupOnFail            bool                `json:"cleanupOnFail,omitempty"`
	CreateNamespace          bool                `json:"createNamespace,omitempty"`
	DependencyUpdate         bool                `json:"dependencyUpdate,omitempty"`
	Description              string              `json:"description,omitempty"`
	Devel                    bool                `json:"devel,omitempty"`
	DisableCRDHooks          bool                `json:"disableCRDHooks,omitempty"`
	DisableOpenapiValidation bool                `json:"disableOpenapiValidation,omitempty"`
	DisableWebhooks          bool                `json:"disableWebhooks,omitempty"`
	ForceUpdate              bool                `json:"forceUpdate,omitempty"`
	Keyring                  string              `json:"keyring,omitempty"`
	Lint                     bool                `json:"lint,omitempty"`
	MaxHistory               *int                `json:"maxHistory,omitempty"`
	Name                     string              `json:"name,omitempty"`
	Namespace                string              `json:"namespace,omitempty"`
	Postrender               string              `json:"postrender,omitempty"`
	RecreatePods             bool                `json:"recreatePods,omitempty"`
	RenderSubchartNotes      bool                `json:"renderSubchartNotes,omitempty"`
	Replace                  bool                `json:"replace,omitempty"`
	RepositoryOpts           *Repository         `json:"repositoryOpts,omitempty"`
	ResetValues              bool                `json:"resetValues,omitempty"`
	ReuseValues              bool                `json:"reuseValues,omitempty"`
	Values                   map[string]any      `json:"values,omitempty"`
	SkipCrds                 bool                `json:"skipCrds,omitempty"`
	Timeout                  int                 `json:"timeout,omitempty"` // seconds
	Verify                   bool                `json:"verify,omitempty"`
	Version                  string              `json:"version,omitempty"`
	SkipAwait                bool                `json:"skipAwait,omitempty"`
	WaitForJobs              bool                `json:"waitForJobs,omitempty"`
	ResourceNames            map[string][]string `json:"resourceNames,omitempty"`
	Status                   *Status             `json:"status,omitempty"`
}

// Repository is where a chart that is no local file comes from.
type Repository struct {
	Repo     string `json:"repo,omitempty"`
	CAFile   string `json:"caFile,omitempty"`
	CertFile string `json:"certFile,omitempty"`
	KeyFile  string `json:"keyFile,omitempty"`
	Password string `json:"password,omitempty"`
	Username string `json:"username,omitempty"`
}

// Status is what Helm recorded of the latest revision.
type Status struct {
	AppVersion string `json:"appVersion,omitempty"`
	Chart      string `json:"chart,omitempty"`
	Name       string `json:"name,omitempty"`
	Namespace  string `json:"namespace,omitempty"`
	Revision   *int   `json:"revision,omitempty"`
	Status     string `json:"status,omitempty"`
	Version    string `json:"version,omitempty"`
}

// ID is namespace/name, also the import id.
func (r *Release) ID() string { return r.Namespace + "/" + r.Name }

func (r *Release) timeout() time.Duration {
	seconds := r.Timeout
	if seconds == 0 {
		seconds = defaultTimeoutSeconds
	}
	return time.Duration(seconds) * time.Second
}

// decode reads inputs or state; values of valueYamlFiles come first, `values` win over them.
func decode(properties resource.PropertyMap) (*Release, error) {
	fromFiles := map[string]any{}
	if files := property.Reveal(properties["valueYamlFiles"]); files.IsArray() {
		for _, file := range files.ArrayValue() {
			file = property.Reveal(file)
			if !file.IsAsset() {
				return nil, fmt.Errorf("unsupported type for 'valueYamlFiles' arg: %s", file.TypeString())
			}
			content, err := file.AssetValue().Bytes()
			if err != nil {
				return nil, err
			}
			values := map[string]any{}
			if err := yaml.Unmarshal(content, &values); err != nil {
				return nil, err
			}
			fromFiles = helmMerge(fromFiles, values)
		}
	}
	known := properties.Copy()
	delete(known, "valueYamlFiles")
	data, err := json.Marshal(property.Plain(known))
	if err != nil {
		return nil, err
	}
	release := &Release{}
	if err := json.Unmarshal(data, release); err != nil {
		return nil, fmt.Errorf("decoding failure: %w", err)
	}
	release.Values, err = mergeValues(fromFiles, release.Values, release.AllowNullValues)
	return release, err
}
