// What `docker run hello-world` prints.
package main

import "fmt"

func main() {
	fmt.Println("\nHello from Docker!")
	fmt.Println("This message shows that your installation appears to be working correctly.")
}
