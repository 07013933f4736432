import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The browser of the person at the machine.
final class Browser: Sendable {
  private let folder: TemporaryFolder?

  /// Asks the system to open an address; where it cannot, the address that was printed has to do.
  ///
  /// The address is a secret, and on Linux all users see the arguments of all programs. So the browser gets the name of a page
  /// there that only its user can read, and that leads to the address. The page is removed together with this object.
  init(opening address: String) {
    #if canImport(Darwin)
      let (name, argument) = ("open", address)
      folder = nil
    #else
      let name = "xdg-open"
      folder = try? TemporaryFolder()
      guard let folder, let argument = try? Self.page(leadingTo: address, in: folder) else { return }
    #endif
    // What it complains about, such as a missing screen, is no concern of ours.
    ChildProcess.launch(name, [argument])
  }

  /// Writes a page that leads to an address at once, and returns its path.
  private static func page(leadingTo address: String, in folder: TemporaryFolder) throws -> String {
    let path = "\(folder.path)/view.html"
    let page =
      "<!DOCTYPE html><meta charset=\"utf-8\"><title>voxtile view</title><meta http-equiv=\"refresh\" "
      + "content=\"0;url=\(address)\"><a href=\"\(address)\">voxtile view</a>\n"
    try Data(page.utf8).write(to: URL(filePath: path))
    return path
  }
}
