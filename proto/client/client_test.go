package client_test

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/proto/client"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

func TestAnAllowIsKeptForItsQuestionAlone(t *testing.T) {
	h := newHouse(t)
	person, other := h.Employed("e001"), h.Employed("e002")
	c := h.client(t, 10)
	first := check(t, c, question(person))
	if !first.Allowed() || first.Cached || first.MaxAge <= 0 || first.MaxAge > 30*time.Second {
		t.Fatalf("first: %+v", first)
	}
	again := check(t, c, question(person))
	if !again.Allowed() || !again.Cached || again.ID != first.ID || again.MaxAge > first.MaxAge {
		t.Errorf("again: %+v", again)
	}
	if d := check(t, c, question(other)); d.Cached || d.ID == first.ID || !d.Allowed() {
		t.Errorf("another person: %+v", d)
	}
	for name, edit := range map[string]func(*pb.CheckAccessRequest){
		"action":   func(q *pb.CheckAccessRequest) { q.Action = "export" },
		"purpose":  func(q *pb.CheckAccessRequest) { q.Purpose = "Z.CURIOUS" },
		"contract": func(q *pb.CheckAccessRequest) { q.Contract = "C02" },
		"asset":    func(q *pb.CheckAccessRequest) { q.Asset = "A11" },
	} {
		q := question(person)
		edit(q)
		for range 2 {
			if d := check(t, c, q); d.Cached || d.Allowed() || d.PrimaryCode == "" || d.MaxAge != 0 {
				t.Errorf("another %s: %+v", name, d)
			}
		}
	}
	if c.Kept() != 2 {
		t.Errorf("keeps %d allows, want 2", c.Kept())
	}
}

func TestAnAllowDiesAtItsMaxAge(t *testing.T) {
	h := newHouse(t)
	c := h.client(t, 10)
	offset := time.Duration(0)
	c.At(func() time.Time { return time.Now().Add(offset) })
	q := question(h.Employed("e001"))
	first := check(t, c, q)
	offset = 29 * time.Second
	if d := check(t, c, q); !d.Cached || d.ID != first.ID || d.MaxAge > time.Second {
		t.Errorf("young: %+v", d)
	}
	offset = 30 * time.Second
	if d := check(t, c, q); d.Cached || d.ID == first.ID {
		t.Errorf("old: %+v", d)
	}
}

func TestARevocationSeenAnywhereEndsOlderAllows(t *testing.T) {
	h := newHouse(t)
	leaver, other := h.Employed("e001"), h.Employed("e002")
	c := h.client(t, 10)
	if !check(t, c, question(leaver)).Allowed() {
		t.Fatal("denied before")
	}
	h.Submit(h.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: leaver, Reason: "transfer"})
	if !check(t, c, question(other)).Allowed() { // its answer shows the newer revision
		t.Error("the other one is denied")
	}
	if d := check(t, c, question(leaver)); d.Allowed() || d.Cached {
		t.Errorf("after the removal: %+v", d)
	}
	if !check(t, c, question(other)).Cached {
		t.Error("an allow of the newest revision is not kept")
	}
}

// An answering is how a liar answers.
type answering = func(context.Context, *pb.CheckAccessRequest) (*pb.CheckAccessResponse, error)

// says always says the same.
func says(a *pb.CheckAccessResponse, err error) answering {
	return func(context.Context, *pb.CheckAccessRequest) (*pb.CheckAccessResponse, error) { return a, err }
}

// TestEverythingUnclearIsDenied: what meibo would never say, or too late.
func TestEverythingUnclearIsDenied(t *testing.T) {
	fine := &pb.CheckAccessResponse{Allowed: true, DecisionId: "d", MaxAge: 30, Revision: 1}
	for name, answer := range map[string]answering{
		"an error":              says(nil, errors.New("broken")),
		"an error and an allow": says(fine, status.Error(codes.Unknown, "")),
		"no record":             says(&pb.CheckAccessResponse{Allowed: true}, nil),
		"a reason to deny":      says(&pb.CheckAccessResponse{Allowed: true, DecisionId: "d", PrimaryCode: "PLEDGE_MISSING"}, nil),
		"another reason":        says(&pb.CheckAccessResponse{Allowed: true, DecisionId: "d", PrimaryCode: "ALLOW", Codes: []string{"ALLOW", "RIGHT_MISSING"}}, nil),
		"a negative age":        says(&pb.CheckAccessResponse{Allowed: true, DecisionId: "d", MaxAge: -1}, nil),
		"an endless answer":     says(&pb.CheckAccessResponse{Allowed: true, DecisionId: strings.Repeat("d", 1<<20)}, nil),
		"silence": func(ctx context.Context, _ *pb.CheckAccessRequest) (*pb.CheckAccessResponse, error) {
			<-ctx.Done()
			time.Sleep(100 * time.Millisecond) // the caller's own clock may be a little behind
			return fine, nil
		},
	} {
		c := newClient(t, client.Options{Server: startLiar(t, answer), Key: "mb_a_b", Cache: 10, Timeout: 200 * time.Millisecond})
		for range 2 {
			if d, err := c.Check(t.Context(), question("p")); err == nil || d.Allowed() {
				t.Errorf("%s: %+v, %v", name, d, err)
			}
		}
		if c.Kept() != 0 {
			t.Errorf("%s is kept", name)
		}
	}
	nobody := newClient(t, client.Options{Server: "127.0.0.1:1", Key: "mb_a_b"})
	if d, err := nobody.Check(t.Context(), question("p")); err == nil || d.Allowed() {
		t.Errorf("nobody there: %+v, %v", d, err)
	}
	if d, err := nobody.Check(t.Context(), nil); err == nil || d.Allowed() {
		t.Errorf("no question: %+v, %v", d, err)
	}
}

func TestWhatMustNotBeKeptIsNotKept(t *testing.T) {
	for name, a := range map[string]*pb.CheckAccessResponse{
		"an allow for this once": {Allowed: true, DecisionId: "d"},
		"a denial":               {DecisionId: "d", MaxAge: 30},
	} {
		c := newClient(t, client.Options{Key: "mb_a_b", Cache: 10, Timeout: 10 * time.Second,
			Server: startLiar(t, says(a, nil))})
		if d := check(t, c, question("p")); d.Allowed() != a.Allowed || d.MaxAge != 0 {
			t.Errorf("%s: %+v", name, d)
		}
		if d := check(t, c, question("p")); d.Cached {
			t.Errorf("%s is kept", name)
		}
	}
}

// TestTheAgeCountsFromBeforeTheQuestion: an answer that took long is as much older.
func TestTheAgeCountsFromBeforeTheQuestion(t *testing.T) {
	var c *client.Client
	offset := time.Duration(0)
	server := startLiar(t, func(context.Context, *pb.CheckAccessRequest) (*pb.CheckAccessResponse, error) {
		offset += 20 * time.Second
		return &pb.CheckAccessResponse{Allowed: true, DecisionId: "d", MaxAge: 30}, nil
	})
	c = newClient(t, client.Options{Server: server, Key: "mb_a_b", Cache: 10, Timeout: 10 * time.Second})
	began := time.Now()
	c.At(func() time.Time { return began.Add(offset) })
	if d := check(t, c, question("p")); d.MaxAge != 10*time.Second {
		t.Errorf("left: %v", d.MaxAge)
	}
	offset += 10 * time.Second
	if d := check(t, c, question("p")); d.Cached {
		t.Error("an allow is given 30 s after it was asked for")
	}
}

// TestManyAskAtOnceAndEachGetsItsOwn: whoever asks meanwhile, whatever is kept.
func TestManyAskAtOnceAndEachGetsItsOwn(t *testing.T) {
	echo := func(_ context.Context, q *pb.CheckAccessRequest) (*pb.CheckAccessResponse, error) {
		return &pb.CheckAccessResponse{Allowed: true, DecisionId: q.Person + "|" + q.Asset + "|", MaxAge: 30, Revision: 1}, nil
	}
	c := newClient(t, client.Options{Server: startLiar(t, echo), Key: "mb_a_b", Cache: 5, Timeout: 20 * time.Second})
	var all sync.WaitGroup
	var kept atomic.Int64
	for range 8 {
		all.Go(func() {
			for range 200 {
				q := &pb.CheckAccessRequest{Person: strings.Repeat("a", rand.IntN(4)), Asset: strings.Repeat("a", rand.IntN(4))}
				d, err := c.Check(t.Context(), q)
				if want := q.Person + "|" + q.Asset + "|"; err != nil || d.ID != want {
					t.Errorf("%v got the answer %+v, %v", q, d, err)
					return
				}
				if d.Cached {
					kept.Add(1)
				}
			}
		})
	}
	all.Wait()
	if kept.Load() == 0 || c.Kept() > 5 {
		t.Errorf("%d answers were kept ones; %d are kept", kept.Load(), c.Kept())
	}
}

func TestMeiboIsRecognised(t *testing.T) {
	authority, stranger := meibotest.NewAuthority(t), meibotest.NewAuthority(t)
	allow := says(&pb.CheckAccessResponse{Allowed: true, DecisionId: "d"}, nil)
	certificate := authority.Server("127.0.0.1")
	server := startLiar(t, allow, grpc.Creds(credentials.NewServerTLSFromCert(&certificate)))
	trusting := newClient(t, client.Options{Server: server, Key: "mb_a_b", TLS: &tls.Config{RootCAs: authority.Roots}, Timeout: 10 * time.Second})
	if d := check(t, trusting, question("p")); !d.Allowed() {
		t.Errorf("over TLS: %+v", d)
	}
	wary := newClient(t, client.Options{Server: server, Key: "mb_a_b", TLS: &tls.Config{RootCAs: stranger.Roots}, Timeout: 10 * time.Second})
	if d, err := wary.Check(t.Context(), question("p")); err == nil || d.Allowed() {
		t.Errorf("somebody else answers: %+v", d)
	}
}

func TestAClientRefusesToSpeakInTheClear(t *testing.T) {
	for _, o := range []client.Options{
		{Server: "meibo.city.kakuu.example:443", Key: "mb_a_b"}, {Server: "192.0.2.1:443", Key: "mb_a_b"}, {Server: "nowhere", Key: "mb_a_b"}, {Server: "127.0.0.1:1"},
	} {
		if c, err := client.New(o); err == nil {
			c.Close()
			t.Errorf("%+v is taken", o)
		}
	}
}

func TestAnUnknownKeyIsDenied(t *testing.T) {
	h := newHouse(t)
	person := h.Employed("e001")
	c := newClient(t, client.Options{Server: h.server, Key: h.key + "x", Timeout: 10 * time.Second})
	d, err := c.Check(t.Context(), question(person))
	if status.Code(errors.Unwrap(err)) != codes.Unauthenticated || d.Allowed() {
		t.Errorf("%+v, %v", d, err)
	}
	if strings.Contains(err.Error(), string(person)) || strings.Contains(err.Error(), h.key) {
		t.Errorf("the error says too much: %v", err)
	}
}

func BenchmarkAKeptAllow(b *testing.B) {
	city := meibotest.NewCity(b, meibotest.SQLite(b), nil)
	server, _ := city.Doors()
	key, _ := city.Token("asking", "CITY", "P01", meibo.RoleSystem)
	c, err := client.New(client.Options{Server: server, Key: key, Cache: 10, Timeout: 10 * time.Second})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	q := question(city.Employed("e001"))
	city.Clock.Set(meibotest.AsOf)
	began := time.Now()
	c.At(func() time.Time { return began })
	b.ReportAllocs()
	for b.Loop() {
		if d, err := c.Check(b.Context(), q); err != nil || !d.Allowed() {
			b.Fatal(d, err)
		}
	}
}
