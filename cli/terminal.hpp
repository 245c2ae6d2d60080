// How the commands write for people: colour and progress on a terminal, neither in a pipe.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace warmwire::cli {

[[nodiscard]] bool is_terminal(std::FILE* stream);

/// Marks text for a terminal that shows colours; leaves it as it is in a pipe, and where NO_COLOR is set.
class style {
 public:
  explicit style(std::FILE* stream);

  [[nodiscard]] std::string bold(std::string_view text) const { return marked("1", text); }
  [[nodiscard]] std::string dim(std::string_view text) const { return marked("2", text); }
  [[nodiscard]] std::string good(std::string_view text) const { return marked("32", text); }
  [[nodiscard]] std::string bad(std::string_view text) const { return marked("31", text); }

 private:
  [[nodiscard]] std::string marked(std::string_view code, std::string_view text) const;

  bool colours_ = false;
};

/// One line on standard error that is written over again and again; nothing unless it is a terminal. Gone when it ends.
class progress {
 public:
  progress() : shown_(is_terminal(stderr)) {}
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;
  ~progress() { clear(); }

  void show(std::string_view line);
  void clear();

 private:
  bool shown_;
  bool is_dirty_ = false;
};

/// One line on standard error: "warmwire: warning: …".
void print_warning(std::string_view text);

/// "12.3" with the given number of decimals.
[[nodiscard]] std::string fixed(double value, int decimals = 1);

/// "1,234,567".
[[nodiscard]] std::string grouped(unsigned long long value);

/// Filled with blanks to `width` characters as a terminal counts them (one per code point). Never cut.
[[nodiscard]] std::string left(std::string_view text, std::size_t width);
[[nodiscard]] std::string right(std::string_view text, std::size_t width);

/// On one line, cut to `width` characters with "…".
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);

}  // namespace warmwire::cli
