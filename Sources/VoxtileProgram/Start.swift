import VoxtileCLI

/// The program `voxtile`. All that it does lies in a library, so that the Python package has the same program.
@main
enum Start {
  @MainActor static func main() async {
    await Program.run(Array(CommandLine.arguments.dropFirst()))
  }
}
