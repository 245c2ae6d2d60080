#include "net/fork_mark.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

namespace warmwire::net::fork_mark_test {
namespace {

TEST(fork_mark, knows_a_child_and_the_childs_child) {
  const fork_mark mark;
  EXPECT_FALSE(mark.is_child());
  const pid_t child = ::fork();
  if (child == 0) {
    const pid_t grandchild = ::fork();
    if (grandchild == 0) ::_exit(mark.is_child() ? 0 : 1);
    int status = -1;
    ::waitpid(grandchild, &status, 0);
    ::_exit(mark.is_child() && status == 0 ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(mark.is_child());
}

TEST(fork_mark, of_a_child_is_its_own) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(fork_mark().is_child() ? 1 : 0);
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace warmwire::net::fork_mark_test
