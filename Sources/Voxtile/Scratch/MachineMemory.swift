#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How much memory there is.
///
/// An allocation that fails ends a process: Swift has no error for it. So what certainly does not fit is refused before.
package enum MachineMemory {
  /// What this process can have, in bytes: the memory of the machine, or less where a container or the shell's limit on the
  /// size of a process (`ulimit -v`) allows less.
  package static let byteCount: Int = min(installed, groupLimit() ?? .max, addressLimit() ?? .max)

  private static var installed: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }

  /// What the shell's limit leaves beside the libraries and the stacks of threads, with the program itself, which memory plans
  /// count; `nil` for no limit.
  private static func addressLimit() -> Int? {
    var limit = rlimit()
    #if canImport(Darwin) || canImport(Musl)
      let isKnown = getrlimit(RLIMIT_AS, &limit) == 0
    #else
      let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0
    #endif
    guard isKnown, let bytes = Int(exactly: limit.rlim_cur), bytes < installed else { return nil }
    let pages = text("/proc/self/statm").split(separator: " ").first.flatMap { Int($0) } ?? 0
    let (program, threads) = (32 << 20, sysconf(Int32(_SC_NPROCESSORS_ONLN)) * (10 << 20))
    return max(0, bytes - pages * sysconf(Int32(_SC_PAGESIZE)) + program - threads)
  }

  /// The least of the limits on the control group of the process and those above it, on Linux; `nil` for no limit.
  private static func groupLimit() -> Int? {
    var limits: [Int] = []
    for line in text("/proc/self/cgroup").split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let isUnified = parts[0] == "0"
      guard isUnified || parts[1].split(separator: ",").contains("memory") else { continue }
      let (root, name) =
        isUnified ? ("/sys/fs/cgroup", "memory.max") : ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
      var folders = parts[2].split(separator: "/")
      while true {
        let folder = folders.map { "/\($0)" }.joined()
        if let limit = Int(text("\(root)\(folder)/\(name)").prefix { $0.isNumber }) { limits.append(limit) }
        if folders.isEmpty { break }
        folders.removeLast()
      }
    }
    return limits.min()
  }

  /// The beginning of a file that the system makes up when it is read; empty where there is none.
  private static func text(_ path: String) -> String {
    guard let bytes = try? InputFile(path).bytes(count: 4096) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension JobLimits {
  /// The same limits, with the memory that there is where none was given.
  package var onThisMachine: JobLimits {
    JobLimits(jobs: jobs, memory: memory ?? MachineMemory.byteCount)
  }
}

extension VolumeInfo {
  /// Makes sure, before it is allocated, that there can be memory for a box.
  ///
  /// - Throws: `VoxtileError.Code.memoryTooLow` where the machine has less.
  func checkFitsInMemory(_ region: Region) throws(VoxtileError) {
    let needed = byteCount(of: region)
    guard needed > MachineMemory.byteCount else { return }
    throw .memoryTooLow(MachineMemory.byteCount, needed: needed, advice: "read smaller boxes")
  }
}
