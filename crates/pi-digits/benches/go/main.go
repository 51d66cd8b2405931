// Program machin computes pi by Machin's formula with math/big, and prints how many nanoseconds it took.
package main

import (
	"fmt"
	"math/big"
	"os"
	"strconv"
	"time"
)

func arctanOfInverse(x int64, one *big.Int) *big.Int {
	square := big.NewInt(x * x)
	power := new(big.Int).Quo(one, big.NewInt(x))
	sum := new(big.Int).Set(power)
	term, divisor := new(big.Int), new(big.Int)
	for denominator := int64(3); ; denominator += 2 {
		power.Quo(power, square)
		if power.Sign() == 0 {
			return sum
		}
		term.Quo(power, divisor.SetInt64(denominator))
		if denominator%4 == 3 {
			sum.Sub(sum, term)
		} else {
			sum.Add(sum, term)
		}
	}
}

func main() {
	decimals, err := strconv.ParseInt(os.Args[1], 10, 32)
	if err != nil {
		panic(err)
	}
	begin := time.Now()
	one := new(big.Int).Exp(big.NewInt(10), big.NewInt(decimals+16), nil)
	pi := arctanOfInverse(5, one)
	pi.Mul(pi, big.NewInt(16))
	other := arctanOfInverse(239, one)
	pi.Sub(pi, other.Mul(other, big.NewInt(4)))
	digits := pi.String()
	took := time.Since(begin)
	if digits[:6] != "314159" {
		panic("not pi")
	}
	fmt.Println(took.Nanoseconds())
}
