package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/meibo-dev/meibo/internal/document"
)

// A config is everything that meibo reads before it starts. Paths are relative to
// the file's folder.
type config struct {
	Database  string          `yaml:"database"`
	HighWater string          `yaml:"high_water"` // file beside the database, not in it
	Journal   string          `yaml:"journal"`    // file beside the database for holds while it is away
	Listen    listenConfig    `yaml:"listen"`
	PublicURL string          `yaml:"public_url"`
	TLS       tlsConfig       `yaml:"tls"`
	Keys      keysConfig      `yaml:"keys"`
	Mail      mailConfig      `yaml:"mail"`
	Webhook   webhookConfig   `yaml:"webhook"`
	HandOver  handOverConfig  `yaml:"handover"`
	Directory directoryConfig `yaml:"directory"`
	Seal      sealConfig      `yaml:"seal"`
	Fonts     []string        `yaml:"fonts"` // TrueType files for what the built-in fonts lack
	Passkeys  passkeyConfig   `yaml:"passkeys"`
	Shadow    float64         `yaml:"shadow,omitempty"`    // share of checks, 0 to 1, that stock Casbin decides, too
	Recording string          `yaml:"recording,omitempty"` // "off" while meibo bench measures, and never else

	folder string
}

type listenConfig struct {
	GRPC string `yaml:"grpc"`
	HTTP string `yaml:"http"`
}

type tlsConfig struct {
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
}

type keysConfig struct {
	Log       string `yaml:"log"`        // secret; signs the heads of the log
	LogPublic string `yaml:"log_public"` // to hand to the city
	Pepper    string `yaml:"pepper"`     // secret; key of every keyed hash
	Data      string `yaml:"data"`       // secret; opens names and documents in the database; MEIBO_DATA_KEY replaces it
}

type mailConfig struct {
	Host         string `yaml:"host"`
	Port         int    `yaml:"port"`
	From         string `yaml:"from"`
	Username     string `yaml:"username"`
	PasswordFile string `yaml:"password_file"`
	CAFile       string `yaml:"ca_file"`
	HELO         string `yaml:"helo"`
	Receivers    string `yaml:"receivers"` // certificates (PEM) of those to whom the roster is mailed, encrypted
}

// defaults are safe where a key is missing: loopback, and nothing configured.
func defaults() config {
	return config{
		Database: "meibo.db", HighWater: "high-water", Journal: "journal", Listen: listenConfig{GRPC: "127.0.0.1:8081", HTTP: "127.0.0.1:8080"},
		Keys: keysConfig{Log: "keys/log.key", LogPublic: "keys/log.pub", Pepper: "keys/pepper", Data: "keys/data.key"},
		Mail: mailConfig{Port: 587},
	}
}

// readConfig reads a file; keys that it does not know are refused. MEIBO_DATABASE
// replaces the database, so that its password need not stand in a file.
func readConfig(path string) (config, error) {
	c := defaults()
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return c, fmt.Errorf("%s is not there: run meibo init, or name another file with --config", path)
	}
	if err != nil {
		return c, fmt.Errorf("read configuration: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(text, &c, yaml.Strict(), yaml.DisallowUnknownField()); err != nil {
		if why := misspeltTime(text); why != "" {
			return c, fmt.Errorf("read configuration %s: %s", path, why)
		}
		return c, fmt.Errorf("read configuration %s: %s", path, yaml.FormatError(err, false, true))
	}
	c.folder = filepath.Dir(path)
	if url := os.Getenv("MEIBO_DATABASE"); url != "" {
		c.Database = url
	}
	return c, c.validate()
}

// fonts are what papers are drawn with beside the built-in ones.
func (c config) fonts() (document.Fonts, error) {
	var paths []string
	for _, path := range c.Fonts {
		paths = append(paths, c.path(path))
	}
	list, err := document.ReadFonts(paths...)
	if err != nil {
		return nil, fmt.Errorf("fonts: %w", err)
	}
	return list, nil
}

// validate tells all that is wrong, at once.
func (c config) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Database == "" {
		bad("database: name a file or a postgres:// URL")
	}
	secure := c.TLS.Certificate != "" && c.TLS.Key != ""
	if (c.TLS.Certificate == "") != (c.TLS.Key == "") {
		bad("tls: certificate and key belong together")
	}
	for name, address := range map[string]string{"listen.grpc": c.Listen.GRPC, "listen.http": c.Listen.HTTP} {
		host, _, err := net.SplitHostPort(address)
		switch {
		case err != nil:
			bad("%s: %q is not host:port", name, address)
		case !secure && !loopbackHost(host):
			bad("%s: %q is reachable from outside; without tls only loopback (127.0.0.1) is served", name, address)
		}
	}
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" && (err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && !loopbackHost(u.Hostname())) {
		bad("public_url: %q is not an https URL without query and fragment", c.PublicURL)
	}
	if c.Mail.Host != "" && c.Mail.From == "" {
		bad("mail.from: name the sender's address")
	}
	if c.Shadow < 0 || c.Shadow > 1 {
		bad("shadow: %v is no share from 0 to 1", c.Shadow)
	}
	if c.Recording != "" && c.Recording != recordingOff {
		bad("recording: leave it out; every decision is recorded")
	}
	c.Directory.validate(bad)
	c.Seal.validate(bad)
	c.Passkeys.validate(bad)
	c.Webhook.validate(bad)
	return errors.Join(errs...)
}

// recordingOff has decisions given without a record, to measure what the record
// costs. Only meibo bench serves so.
const recordingOff = "off"

func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// path makes a path of the configuration absolute.
func (c config) path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.folder, p)
}

// database is the URL, or the path of the file.
func (c config) database() string {
	if strings.Contains(c.Database, "://") {
		return c.Database
	}
	return c.path(c.Database)
}

// serverTLS is nil where none is configured.
func (c config) serverTLS() (*tls.Config, error) {
	if c.TLS.Certificate == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(c.path(c.TLS.Certificate), c.path(c.TLS.Key))
	if err != nil {
		return nil, fmt.Errorf("read TLS certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}, nil
}

// roots reads certificates to trust; nil where no file is named.
func (c config) roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	content, err := os.ReadFile(c.path(file))
	if err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("read certificates: %s holds none", file)
	}
	return pool, nil
}

// redacted is the configuration that is in force, fit to be shown.
func (c config) redacted() config {
	if len(c.Directory.URLs) > 0 {
		c.Directory = c.Directory.inForce(c)
	}
	if u, err := url.Parse(c.Database); err == nil && u.User != nil {
		c.Database = u.Redacted()
	}
	return c
}

type configFlag struct {
	Config string `help:"Configuration file." default:"meibo.yaml" env:"MEIBO_CONFIG" type:"path"`
}

type configCmd struct{ configFlag }

// Run shows the configuration.
func (c *configCmd) Run(a *app) error {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	text, err := yaml.Marshal(cfg.redacted())
	if err != nil {
		return err
	}
	if a.json {
		if text, err = yaml.YAMLToJSON(text); err != nil {
			return err
		}
	}
	a.printf("%s", text)
	return nil
}
