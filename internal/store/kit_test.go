package store_test

import (
	"bytes"
	"cmp"
	"context"
	"os"
	"sync/atomic"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// asOf is the moment of the fictitious city: 15 October 2026, 10:00 in Japan.
var asOf, _ = meibo.ParseInstant("2026-10-15T10:00:00+09:00")

// The key of the tests' log. A child process has its parent's.
var secret, public = logKey()

// dataKey opens what the tests seal.
var dataKey = bytes.Repeat([]byte{7}, store.DataKeySize)

func logKey() (string, string) {
	secret, public, err := seal.NewKey("meibo.city.kakuu.example")
	if err != nil {
		panic(err)
	}
	return cmp.Or(os.Getenv("STORE_SECRET"), secret), public
}

// options open a store with a clock that moves by a second with every look.
func options(t testing.TB, url string) store.Options {
	t.Helper()
	signer, err := seal.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	var looks atomic.Int64
	return store.Options{
		URL: url, Sign: signer.Sign, DataKey: dataKey,
		Now: func() meibo.Instant { return asOf + meibo.Instant(looks.Add(1)*1e6) },
	}
}

func open(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), options(t, url))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// begun opens a store in which a ledger has begun.
func begun(t testing.TB, url string) *store.DB {
	t.Helper()
	return begin(t, open(t, url))
}

func begin(t testing.TB, db *store.DB) *store.DB {
	t.Helper()
	err := db.Update(context.Background(), func(tx *store.Tx) error {
		if err := tx.Begin("E1"); err != nil {
			return err
		}
		_, err := tx.Record(meibo.Entry{Act: meibo.ActInit}, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// record writes rows in a transaction of their own.
func record(db *store.DB, rows ...any) error {
	return db.Update(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Record(meibo.Entry{Act: meibo.ActApply, Client: "K1"}, rows)
		return err
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, db *store.DB, f func(*store.Reader) error) {
	t.Helper()
	must(t, db.View(context.Background(), f))
}
