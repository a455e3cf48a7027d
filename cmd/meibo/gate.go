package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/goccy/go-yaml"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"github.com/meibo-dev/meibo/internal/gate"
	"github.com/meibo-dev/meibo/proto/client"
)

type gateCmd struct {
	Config  string `help:"The gate's configuration file." default:"gate.yaml" env:"MEIBO_GATE_CONFIG" type:"path"`
	Example string `help:"Print an example of a configuration instead: gate, nginx or envoy." enum:",gate,nginx,envoy" default:""`
}

// A gateConfig is everything that a gate reads before it starts. Paths are
// relative to the file's folder.
type gateConfig struct {
	KeyFile   string               `yaml:"key_file"`
	Cache     int                  `yaml:"cache"`
	Listen    listenConfig         `yaml:"listen"`
	Subject   string               `yaml:"subject"`
	Principal string               `yaml:"principal"`
	Claim     []string             `yaml:"claim"`
	Rules     map[string]gate.Rule `yaml:"rules"`
}

// gateExample is a configuration of a gate.
const gateExample = `# Configuration of meibo gate. Unknown keys are refused. Paths are relative to this file.
# Which server it asks say --server and --ca-file, as of every command.

key_file: keys/gate       # API key of a registered system; or MEIBO_KEY

cache: 10000              # how many allows are kept

listen:                   # loopback only: whoever reaches the gate could ask about anybody
  http: 127.0.0.1:8090    # nginx: auth_request to /decide
  grpc: 127.0.0.1:8091    # Envoy: ext_authz v3

subject: person           # what the proxy knows people by: person (meibo's id), login or mail
principal: "urn:meibo:person:"   # Envoy: the peer's verified identity is this and the person's id
# claim: [envoy.filters.http.jwt_authn, payload, sub]   # or the verified token's claim, without principal

rules:                    # the proxy's configuration names one for each location
  records:
    contract: C01
    asset: A01
    purpose: U.TAX.RES.ASSESS.INPUT
    # zone: lgwan         # network zone in which the proxy stands
    actions: {GET: view, HEAD: view, POST: create}   # a method that is not here is refused
    fulfils: []           # obligations that the application fulfils when X-Meibo-Obligations names them
`

// Run answers proxies until it is told to stop.
func (c *gateCmd) Run(a *app) error {
	if text, asked := map[string]string{"gate": gateExample, "nginx": gate.NginxExample, "envoy": gate.EnvoyExample}[c.Example]; asked {
		a.printf("%s", text)
		return nil
	}
	cfg, key, err := readGate(c.Config)
	if err != nil {
		return err
	}
	asking, err := a.gateClient(cfg, key)
	if err != nil {
		return err
	}
	defer asking.Close()
	log := slog.New(slog.NewJSONHandler(a.stderr, nil))
	g, err := gate.New(gate.Options{Client: asking, Rules: cfg.Rules, Subject: cfg.Subject, Principal: cfg.Principal, Claim: cfg.Claim, Log: log})
	if err != nil {
		return err
	}
	return serveGate(a.ctx, g, cfg.Listen, log)
}

// readGate reads the configuration and the API key.
func readGate(path string) (cfg gateConfig, key string, err error) {
	cfg.Listen = listenConfig{GRPC: "127.0.0.1:8091", HTTP: "127.0.0.1:8090"}
	text, err := os.ReadFile(path)
	if err != nil {
		return cfg, "", fmt.Errorf("read configuration: %w (meibo gate --example gate prints one)", err)
	}
	if err := yaml.UnmarshalWithOptions(text, &cfg, yaml.Strict(), yaml.DisallowUnknownField()); err != nil {
		return cfg, "", fmt.Errorf("read configuration %s: %s", path, yaml.FormatError(err, false, true))
	}
	for name, address := range map[string]string{"listen.grpc": cfg.Listen.GRPC, "listen.http": cfg.Listen.HTTP} {
		if host, _, err := net.SplitHostPort(address); err != nil || !loopbackHost(host) {
			return cfg, "", fmt.Errorf("%s: %q is not host:port on loopback; the gate stands beside its proxy", name, address)
		}
	}
	key, err = config{folder: filepath.Dir(path)}.secretOf("MEIBO_KEY", cfg.KeyFile)
	return cfg, key, err
}

func (a *app) gateClient(cfg gateConfig, key string) (*client.Client, error) {
	o := client.Options{Server: a.server.Server, Key: key, Cache: cfg.Cache, Watch: true}
	host, _, err := net.SplitHostPort(a.server.Server)
	if err == nil && (!loopbackHost(host) || a.server.CAFile != "") {
		o.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		if o.TLS.RootCAs, err = (config{}).roots(a.server.CAFile); err != nil {
			return nil, err
		}
	}
	return client.New(o)
}

// serveGate serves both sides until ctx ends.
func serveGate(ctx context.Context, g *gate.Gate, listen listenConfig, log *slog.Logger) error {
	grpcDoor, err := net.Listen("tcp", listen.GRPC)
	if err != nil {
		return fmt.Errorf("listen for Envoy: %w", err)
	}
	httpDoor, err := net.Listen("tcp", listen.HTTP)
	if err != nil {
		return errors.Join(fmt.Errorf("listen for nginx: %w", err), grpcDoor.Close())
	}
	envoy := grpc.NewServer(grpc.MaxRecvMsgSize(1 << 20))
	g.Register(envoy)
	web := &http.Server{Handler: g.Handler(), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return envoy.Serve(grpcDoor) })
	group.Go(func() error { return serveHTTP(web, httpDoor) })
	group.Go(func() error {
		<-ctx.Done()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWithin)
		defer cancel()
		envoy.GracefulStop()
		return web.Shutdown(ctx)
	})
	log.Info("gate", "grpc", grpcDoor.Addr().String(), "http", httpDoor.Addr().String())
	return group.Wait()
}
