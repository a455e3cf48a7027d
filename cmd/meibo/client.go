package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// A serverFlag says which server a command asks, and as whom. The API key comes
// from the environment, never from the command line, where others could read it.
type serverFlag struct {
	Server string `help:"gRPC address of the server, host:port." default:"127.0.0.1:8081" env:"MEIBO_SERVER"`
	CAFile string `name:"ca-file" help:"Certificate that vouches for the server; the machine's own when left out." env:"MEIBO_CA_FILE" type:"path"`
}

// maxAnswer bounds an answer: a roster of thousands.
const maxAnswer = 64 << 20

// dial connects to the server. Off loopback the connection is encrypted and the
// server's name checked.
func (a *app) dial() (*grpc.ClientConn, error) {
	key := os.Getenv("MEIBO_KEY")
	if key == "" {
		return nil, errors.New("MEIBO_KEY is not set: export MEIBO_KEY=mb_… (meibo init and meibo key create print keys)")
	}
	host, _, err := net.SplitHostPort(a.server.Server)
	if err != nil {
		return nil, fmt.Errorf("--server %q is not host:port", a.server.Server)
	}
	transport := insecure.NewCredentials()
	if !loopbackHost(host) || a.server.CAFile != "" {
		c := &tls.Config{MinVersion: tls.VersionTLS12}
		if a.server.CAFile != "" {
			if c.RootCAs, err = (config{}).roots(a.server.CAFile); err != nil {
				return nil, err
			}
		}
		transport = credentials.NewTLS(c)
	}
	return grpc.NewClient(a.server.Server, grpc.WithTransportCredentials(transport), grpc.WithPerRPCCredentials(apiKey(key)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)))
}

// An apiKey is presented with every request.
type apiKey string

// GetRequestMetadata is the header.
func (k apiKey) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(k)}, nil
}

// RequireTransportSecurity is false: dial encrypts wherever that is needed.
func (apiKey) RequireTransportSecurity() bool { return false }

// ask connects and asks one thing.
func ask[C, R any](a *app, client func(grpc.ClientConnInterface) C, f func(C) (R, error)) (R, error) {
	conn, err := a.dial()
	if err != nil {
		var none R
		return none, err
	}
	defer conn.Close()
	return f(client(conn))
}

// A keyFlag lets a write be repeated: the same idempotency key answers the same.
type keyFlag struct {
	IdempotencyKey string `help:"Repeat a write whose outcome is unknown: the same key answers the same."`
}

func (k keyFlag) key() string {
	if k.IdempotencyKey != "" {
		return k.IdempotencyKey
	}
	return uuid.NewString()
}

// show prints an answer as JSON, or as text by f.
func (a *app) show(m proto.Message, f func()) error {
	if !a.json {
		f()
		return nil
	}
	text, err := wireJSON(m)
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(text)
	return err
}

// wireJSON is a message as JSON by the names of the contract. protojson varies
// its blanks on purpose; programs that read ours may compare it.
func wireJSON(m proto.Message) ([]byte, error) {
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = json.Indent(&b, text, "", "  ")
	b.WriteByte('\n')
	return b.Bytes(), err
}

// print prints a value as JSON.
func (a *app) print(v any) error {
	e := json.NewEncoder(a.stdout)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// when writes a moment in Japanese time.
func when(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().In(meibo.JST).Format("2006-01-02 15:04:05")
}

// explain tells a person what went wrong and what to do.
func (a *app) explain(err error) {
	var answered interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &answered) {
		fmt.Fprintln(a.stderr, "meibo:", err)
		return
	}
	st := answered.GRPCStatus()
	var problems []*pb.Problem
	reason := ""
	for _, detail := range st.Details() {
		switch d := detail.(type) {
		case *pb.Problem:
			problems = append(problems, d)
		case *errdetails.LocalizedMessage:
			reason = d.Message
		}
	}
	switch {
	case st.Code() == codes.Unavailable && len(st.Details()) == 0:
		fmt.Fprintf(a.stderr, "meibo: no server answers at %s: is meibo serve running? (--server names another)\n%s\n", a.server.Server, st.Message())
		return
	case st.Code() == codes.Unauthenticated:
		fmt.Fprintln(a.stderr, "meibo: the API key in MEIBO_KEY is not valid, or no longer: ask the operator for another (meibo key create)")
		return
	}
	fmt.Fprintln(a.stderr, "meibo:", st.Message())
	if reason != "" {
		fmt.Fprintln(a.stderr, reason)
	}
	a.problems(problems)
}

// problems prints problems, one a line: row or cell, field, code and sentence.
func (a *app) problems(list []*pb.Problem) {
	for _, p := range list {
		where := p.Field
		if p.Row > 0 {
			where = fmt.Sprintf("%d行目 %s", p.Row, p.Field)
		}
		if p.Cell != "" {
			where = fmt.Sprintf("セル%s %s", p.Cell, p.Field)
		}
		fmt.Fprintf(a.stderr, "  %s: %s %s\n", where, p.Code, p.Message)
	}
}

// yes asks a person; --yes answers for him.
func (a *app) yes(question string, always bool) bool {
	if always {
		return true
	}
	fmt.Fprintf(a.stdout, "%s [y/N] ", question)
	var answer string
	fmt.Fscanln(a.stdin, &answer)
	return strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes")
}
