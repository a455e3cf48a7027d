package rpc

import (
	"crypto/tls"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"

	"github.com/meibo-dev/meibo/internal/ledger"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// Options say what a server serves.
type Options struct {
	Ledger *ledger.Ledger
	Log    *slog.Logger
	// TLS is nil only on loopback.
	TLS *tls.Config
	// Directory is nil when none is configured.
	Directory *Directory
	// PublicURL is where callers reach the HTTP side, an https URL without query
	// or fragment; plain only on loopback. AuthZEN's metadata is built from it.
	PublicURL string
	// Reflection lets tools ask for the services. Only the demo does.
	Reflection bool
	// Registry takes the server's metrics.
	Registry *prometheus.Registry
}

// A Server answers programs.
type Server struct {
	grpc     *grpc.Server
	health   *health.Server
	draining atomic.Bool
	opts     Options
	metrics  *metrics
}

const (
	// maxMessage bounds a request: a scanned paper of 5 MiB in base64, or a file
	// of 10,000 lines.
	maxMessage = 8 << 20
	// streamWorkers keep their grown stacks from one call to the next; a call for
	// which none is free gets a goroutine of its own.
	streamWorkers = 128
	// maxStreams bounds what one connection asks at a time.
	maxStreams = 100
)

// New builds a server that listens nowhere yet.
func New(o Options) *Server {
	s := &Server{opts: o, health: health.NewServer(), metrics: newMetrics(o.Registry)}
	options := append(s.common(roomOfHeader),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.MaxHeaderListSize(16<<10),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
	)
	if o.TLS != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(o.TLS)))
	}
	s.grpc = grpc.NewServer(options...)
	s.register(s.grpc)
	if o.Reflection {
		reflection.Register(s.grpc)
	}
	return s
}

// common are the options of both gRPC servers: the outer one and that behind the
// gateway. room is how much a status may say.
func (s *Server) common(room int) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.NumStreamWorkers(streamWorkers),
		grpc.ForceServerCodecV2(newCodec()),
		grpc.ChainUnaryInterceptor(s.measure, s.guard(room), s.identify, fit, receipt),
		grpc.ChainStreamInterceptor(s.measureStream, s.guardStream(room), s.identifyStream),
	}
}

// register puts the services on a gRPC server.
func (s *Server) register(g *grpc.Server) {
	l := s.opts.Ledger
	pb.RegisterAccessServiceServer(g, accessService{ledger: l, metrics: s.metrics, house: s})
	pb.RegisterChangeServiceServer(g, changeService{ledger: l})
	pb.RegisterRosterServiceServer(g, rosterService{ledger: l})
	pb.RegisterPledgeServiceServer(g, pledgeService{ledger: l})
	pb.RegisterNoticeServiceServer(g, noticeService{ledger: l})
	pb.RegisterMasterServiceServer(g, masterService{ledger: l})
	pb.RegisterDirectoryServiceServer(g, directoryService{ledger: l, directory: s.opts.Directory})
	pb.RegisterKeyServiceServer(g, keyService{ledger: l})
	pb.RegisterLogServiceServer(g, logService{ledger: l})
	pb.RegisterHoldServiceServer(g, holdService{ledger: l})
	pb.RegisterPasskeyServiceServer(g, passkeyService{ledger: l})
	pb.RegisterDisposalServiceServer(g, disposalService{ledger: l})
	pb.RegisterTrainingServiceServer(g, trainingService{ledger: l})
	pb.RegisterEmergencyServiceServer(g, emergencyService{ledger: l})
	pb.RegisterDecisionServiceServer(g, decisionService{ledger: l})
	healthpb.RegisterHealthServer(g, healthService{s.health, s})
}

// GRPC is the gRPC server, to be served on a listener.
func (s *Server) GRPC() *grpc.Server { return s.grpc }

// Drain says that the server is going: it answers what has come and takes
// nothing new.
func (s *Server) Drain() {
	s.draining.Store(true)
	s.health.Shutdown()
}
