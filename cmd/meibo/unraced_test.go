//go:build !race

package main

// raced: the race detector watches.
const raced = false
