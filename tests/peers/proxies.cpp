// squid and dante, each with a configuration made for one test.
#include "tests/peers/proxies.hpp"

#include <pwd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <unistd.h>

namespace warmwire::test {
namespace {

// As `openssl passwd` hashes `proxy_password`: with -apr1 for squid, with -6 for the system's own users.
constexpr auto squid_hash = "$apr1$warmwire$wCvWizZLoc7Ut8naquhVl0";
constexpr auto system_hash =
    "$6$warmwire$/wDToxQlr842iip2nneFUfpsXCj1nzx4Gav2WL64FeYGgxl9CGiqFZC6Vv/Bq5PXVWN2xhhVrGKQ0VD1OQAe30";

std::string contents(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Where the files of squid are if it was unpacked (see tools/servers.sh) and not installed.
std::filesystem::path unpacked_squid() {
  const auto files = std::filesystem::path(installed("squid")).parent_path().parent_path() / "files/usr";
  return std::filesystem::exists(files / "share/squid") ? files : std::filesystem::path();
}

/// Lays what an unpacked squid would look for in vain where whoever it becomes can read it.
std::string squid_places(const std::filesystem::path& from, const peer_files& files) {
  if (from.empty()) return {};
  const std::filesystem::path to = files.directory();
  constexpr auto with_folders = std::filesystem::copy_options::recursive;
  std::filesystem::copy(from / "share/squid/icons", to / "icons", with_folders);
  std::filesystem::copy(from / "share/squid/errors/templates", to / "errors", with_folders);
  std::filesystem::copy(from / "share/squid/mime.conf", to / "mime.conf");
  std::filesystem::copy(from / "lib/squid/basic_ncsa_auth", to / "basic_ncsa_auth");
  return "icon_directory " + (to / "icons").string() + "\nerror_directory " + (to / "errors").string() +
         "\nmime_table " + (to / "mime.conf").string() + "\n";
}

std::string squid_helper(const std::filesystem::path& unpacked, const peer_files& files) {
  return unpacked.empty() ? "/usr/lib/squid/basic_ncsa_auth" : files.directory() + "/basic_ncsa_auth";
}

/// squid refuses to stay root, so it becomes nobody, who must be able to write its logs.
std::string give_to_nobody(const peer_files& files) {
  if (::geteuid() != 0) return {};
  const passwd* nobody = ::getpwnam("nobody");
  if (nobody == nullptr || ::chown(files.directory().c_str(), nobody->pw_uid, nobody->pw_gid) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot give squid's directory to nobody");
  return "cache_effective_user nobody\n";
}

std::string squid_rules(admission whom, const peer_files& files, const std::string& helper) {
  if (whom == admission::everyone) return "http_access allow loopback\n";
  const auto passwords = files.write("passwords", std::string(proxy_user).append(":").append(squid_hash).append("\n"));
  return std::string("auth_param basic program ")
      .append(helper)
      .append(" ")
      .append(passwords)
      .append("\nauth_param basic children 1\nauth_param basic realm warmwire\nacl known proxy_auth REQUIRED\n")
      .append("http_access allow loopback known\n");
}

std::string squid_listener(proxy_transport how, const peer_files& files, std::uint16_t port) {
  std::string line = how == proxy_transport::tls ? "https_port 127.0.0.1:" : "http_port 127.0.0.1:";
  line.append(std::to_string(port));
  if (how == proxy_transport::tls)
    line.append(" tls-cert=").append(files.certificate()).append(" tls-key=").append(files.key());
  return line.append("\n");
}

std::string dante_configuration(admission whom) {
  std::string text =
      "logoutput: stderr\nexternal: 127.0.0.1\nclientmethod: none\n"
      "client pass {\n  from: 127.0.0.0/8 to: 0.0.0.0/0\n}\n"
      "socks pass {\n  from: 127.0.0.0/8 to: 0.0.0.0/0\n  log: connect error\n}\n";
  if (whom == admission::everyone) return "socksmethod: none\n" + text;
  return "socksmethod: username\nuser.privileged: root\nuser.unprivileged: nobody\n" + text;
}

/// A file of the system as dante shall see it: with a line more.
std::string with_line(const peer_files& files, const std::string& name, const std::string& line) {
  return files.write(name, contents("/etc/" + name).append(line).append("\n"));
}

/// A shell that lays dante's own lists over the system's, for itself alone, and then becomes dante.
peer_command with_own_users(const peer_files& files, const peer_command& dante) {
  const std::string user(proxy_user);
  std::string script;
  script.append("mount --bind ").append(with_line(files, "passwd", user + ":x:54242:65534::/:/bin/false"));
  script.append(" /etc/passwd && mount --bind ");
  script.append(with_line(files, "shadow", user + ":" + system_hash + ":19000:0:99999:7:::"));
  script.append(" /etc/shadow && mount --bind ");
  script.append(with_line(files, "hosts", std::string("127.0.0.1 ").append(name_known_to_dante)));
  script.append(" /etc/hosts && exec ").append(dante.program);
  for (const auto& argument : dante.arguments)
    script.append(" ").append(argument);
  return {installed("unshare"), {"--mount", "sh", "-c", script}};
}

}  // namespace

peer start_squid(admission whom, proxy_transport how) {
  return peer([&](const peer_files& files, std::uint16_t port) {
    const auto unpacked = unpacked_squid();
    std::ostringstream text;
    text << squid_places(unpacked, files) << squid_listener(how, files, port) << give_to_nobody(files)
         << "acl tunnel method CONNECT\nacl loopback dst 127.0.0.0/8\nhttp_access deny !tunnel\n"
         << squid_rules(whom, files, squid_helper(unpacked, files)) << "http_access deny all\n"
         << "cache deny all\ncache_mem 0 MB\nmemory_cache_shared off\ncache_store_log none\n"
         << "pid_filename none\ncoredump_dir none\nnetdb_filename none\npinger_enable off\n"
         << "visible_hostname localhost\nshutdown_lifetime 0 seconds\nmax_filedescriptors 1024\n"
         << "cache_log " << files.directory() << "/cache.log\n"
         << "access_log stdio:" << files.directory() << "/access.log\n";
    // Its name keeps apart what several squids have in shared memory.
    return peer_command{installed("squid"),
                        {"-N", "-n", "warmwire" + std::to_string(port), "-f", files.write("squid.conf", text.str())}};
  });
}

std::size_t connects_at_end(peer& squid, int status) {
  squid.stop();
  std::istringstream lines(squid.files().read("access.log"));
  const std::string answered = "/" + std::to_string(status);
  std::size_t count = 0;
  std::string time;
  std::string took;
  std::string from;
  std::string result;
  std::string size;
  std::string method;
  for (std::string rest; lines >> time >> took >> from >> result >> size >> method && std::getline(lines, rest);)
    count += static_cast<std::size_t>(method == "CONNECT" && result.ends_with(answered));
  return count;
}

peer start_dante(admission whom) {
  return peer([&](const peer_files& files, std::uint16_t port) {
    const auto file = files.write(
        "dante.conf", "internal: 127.0.0.1 port = " + std::to_string(port) + "\n" + dante_configuration(whom));
    const peer_command dante{installed("danted"), {"-f", file, "-p", files.directory() + "/dante.pid"}};
    return whom == admission::everyone ? dante : with_own_users(files, dante);
  });
}

std::string obstacle_to_dante_users() {
  if (::geteuid() != 0) return "needs root, to give dante a user list of its own";
  std::string said;
  const bool can_mount =
      run_command({installed("unshare"), {"--mount", "mount", "--bind", "/etc/hosts", "/etc/hosts"}}, &said) == 0;
  return can_mount ? "" : "cannot give dante a user list of its own: " + said;
}

}  // namespace warmwire::test
