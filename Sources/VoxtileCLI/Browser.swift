import Foundation

/// The browser of the person at the machine.
enum Browser {
  /// Asks the system to open an address; where it cannot, the address that was printed has to do.
  static func open(_ address: String) {
    #if canImport(Darwin)
      let name = "open"
    #else
      let name = "xdg-open"
    #endif
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let places = folders.map { "\($0)/\(name)" }
    guard let program = places.first(where: FileManager.default.isExecutableFile) else { return }
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = [address]
    // What it complains about, such as a missing screen, is no concern of ours.
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try? process.run()
  }
}
