package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// Options say how a client asks.
type Options struct {
	// Server is meibo's gRPC address, host:port.
	Server string
	// Key is the API key of a registered system.
	Key string
	// TLS is how meibo is recognised; nil is for loopback only.
	TLS *tls.Config
	// Timeout bounds one question; 500 ms when zero.
	Timeout time.Duration
	// Cache is how many allows are kept; none when zero.
	Cache int
	// Watch has meibo tell what was taken away. Kept allows then outlive changes that
	// do not touch them, and those that a change touches end as soon as it is heard of,
	// usually within the second. While meibo is not heard, for 3 s at most, nothing
	// that was kept is given. What is promised whatever happens stays max_age.
	Watch bool
}

const (
	defaultTimeout = 500 * time.Millisecond
	// maxAnswer bounds one answer, and with it what the cache takes.
	maxAnswer = 64 << 10
)

// A Client asks. It may be used by many goroutines.
type Client struct {
	conn    *grpc.ClientConn
	access  pb.AccessServiceClient
	timeout time.Duration
	cache   *cache

	stop    context.CancelFunc
	watched chan struct{} // closed when nobody listens any more
}

// New makes a client. It connects when something is asked, and again by itself
// when a connection breaks. Without TLS it asks only on loopback.
func New(o Options) (*Client, error) {
	host, _, err := net.SplitHostPort(o.Server)
	if err != nil {
		return nil, fmt.Errorf("meibo's address %q is not host:port", o.Server)
	}
	transport := insecure.NewCredentials()
	switch {
	case o.TLS != nil:
		transport = credentials.NewTLS(o.TLS)
	case !loopback(host):
		return nil, fmt.Errorf("meibo at %q is not on loopback: say by which certificate it is recognised", o.Server)
	}
	if o.Key == "" {
		return nil, errors.New("no API key to ask with")
	}
	conn, err := grpc.NewClient(o.Server, grpc.WithTransportCredentials(transport), grpc.WithPerRPCCredentials(apiKey(o.Key)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)))
	if err != nil {
		return nil, fmt.Errorf("connect to meibo: %w", err)
	}
	c := &Client{
		conn: conn, access: pb.NewAccessServiceClient(conn), timeout: o.Timeout, cache: newCache(o.Cache, o.Watch, time.Now), watched: make(chan struct{}),
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	var ctx context.Context
	ctx, c.stop = context.WithCancel(context.Background())
	if o.Watch && o.Cache > 0 {
		go c.watch(ctx)
	} else {
		close(c.watched)
	}
	return c, nil
}

// Close ends the client, and waits for what it does.
func (c *Client) Close() error {
	c.stop()
	<-c.watched
	return c.conn.Close()
}

// Check asks whether a person may do something now. An allow that was given to
// exactly this question is given again while it holds. An error is a denial, and
// holds nothing about the person.
func (c *Client) Check(ctx context.Context, question *pb.CheckAccessRequest) (*Decision, error) {
	if question == nil {
		return nil, errors.New("ask meibo: no question")
	}
	q := proto.CloneOf(question) // what is asked and what is kept stay the same
	k, known := keyOf(q)
	if known {
		if d, kept := c.cache.get(k); kept {
			return d, nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	asked := c.cache.now()
	answer, err := c.access.CheckAccess(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("ask meibo: %w", err)
	}
	d, err := decisionOf(answer, elapsed(asked, c.cache.now()))
	if err != nil {
		return nil, fmt.Errorf("ask meibo: %w", err)
	}
	if known {
		c.cache.put(k, q, answer, asked)
	}
	return d, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// An apiKey is presented with every question.
type apiKey string

// GetRequestMetadata is the header.
func (k apiKey) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(k)}, nil
}

// RequireTransportSecurity is false: New sees to it off loopback.
func (apiKey) RequireTransportSecurity() bool { return false }
