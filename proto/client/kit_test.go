package client_test

import (
	"context"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/proto/client"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// A house is a city whose doors are open, and a system of it that asks.
type house struct {
	*meibotest.City
	server, key string
}

func newHouse(t *testing.T, edit ...func(*meibo.Master)) *house {
	t.Helper()
	h := &house{City: meibotest.NewCity(t, meibotest.SQLite(t), nil, edit...)}
	h.server, _ = h.Doors()
	h.key, _ = h.Token("asking", "CITY", "P01", meibo.RoleSystem)
	return h
}

// client asks as the system.
func (h *house) client(t *testing.T, cache int) *client.Client {
	t.Helper()
	return newClient(t, client.Options{Server: h.server, Key: h.key, Cache: cache, Timeout: 10 * time.Second})
}

func newClient(t *testing.T, o client.Options) *client.Client {
	t.Helper()
	c, err := client.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// question is the usual question about a person.
func question(person meibo.PersonID) *pb.CheckAccessRequest {
	q := meibotest.Question(person)
	return &pb.CheckAccessRequest{
		Person: string(q.Person), Contract: string(q.Contract), Asset: string(q.Asset), Action: string(q.Action), Purpose: string(q.Purpose),
	}
}

func check(t *testing.T, c *client.Client, q *pb.CheckAccessRequest) *client.Decision {
	t.Helper()
	d, err := c.Check(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A liar answers as meibo never would: what it says is up to the test.
type liar struct {
	pb.UnimplementedAccessServiceServer
	answer func(context.Context, *pb.CheckAccessRequest) (*pb.CheckAccessResponse, error)
}

func (l liar) CheckAccess(ctx context.Context, q *pb.CheckAccessRequest) (*pb.CheckAccessResponse, error) {
	return l.answer(ctx, q)
}

// startLiar serves a liar and returns its address.
func startLiar(t *testing.T, answer func(context.Context, *pb.CheckAccessRequest) (*pb.CheckAccessResponse, error), options ...grpc.ServerOption) string {
	t.Helper()
	return serve(t, func(s *grpc.Server) { pb.RegisterAccessServiceServer(s, liar{answer: answer}) }, options...)
}

func serve(t *testing.T, register func(*grpc.Server), options ...grpc.ServerOption) string {
	t.Helper()
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(options...)
	register(s)
	go s.Serve(door)
	t.Cleanup(s.Stop)
	return door.Addr().String()
}
