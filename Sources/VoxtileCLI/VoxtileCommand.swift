import ArgumentParser
import Voxtile
import VoxtileInference

/// The command `voxtile`, which has all others.
struct VoxtileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "voxtile",
    abstract: "Cut images and volumes into overlapping patches, and merge them back.",
    discussion: """
      Cut a scan, run any tool over the patch files, merge what it wrote, and verify that nothing was lost \
      or misplaced:

        voxtile plan  brain.nii.gz --patch 96 --overlap 32
        voxtile crop  brain.nii.gz --patch 96 --overlap 32 --output patches
        voxtile merge patches --output merged.nii.gz
        voxtile verify patches --against brain.nii.gz
        voxtile report patches --merged merged.nii.gz --output page.html
        voxtile view   patches --merged merged.nii.gz

      Or let a network predict the whole scan:

        voxtile infer brain.nii.gz --model net.onnx --patch 96 --output labels.nii.gz
        voxtile evaluate labels.nii.gz truth.nii.gz

      Or choose the patches that a network is trained with:

        voxtile sample brain.nii.gz --labels lesions.nii.gz --patch 64 --cover lesions --output set

      Results go to standard output, messages to standard error. Exit status: 0 done; 1 failed, or verify \
      found something wrong; 64 wrong usage; 130 interrupted (nothing half-written stays).
      """,
    version: LibraryVersion.current,
    subcommands: [
      PlanCommand.self, CropCommand.self, MergeCommand.self, InferCommand.self, EvaluateCommand.self,
      VerifyCommand.self, SampleCommand.self, InfoCommand.self, ConvertCommand.self, ResampleCommand.self,
      SummaryCommand.self, ReportCommand.self, ViewCommand.self,
    ])

  /// On the main thread, where commands that do not suspend run as well.
  @MainActor static func run(_ arguments: [String]) async -> Never {
    StandardStreams.keepOpen()
    Interrupt.watch()
    Allocator.keepFreedMemory()
    do {
      if let fault = UsageError.emptyArgument(in: Array(arguments.dropFirst())) {
        throw ValidationError(fault)
      }
      await run(try parseAsRoot(Foreground.completed(arguments)))
      exit()
    } catch {
      end(with: error, arguments)
    }
  }

  /// Ends with a usage error. It repeats arguments, so control characters are escaped.
  private static func end(with error: any Error, _ arguments: [String]) -> Never {
    let code = exitCode(for: error)
    // A text that was asked for, such as the help, is no error and goes to standard output.
    if code.isSuccess { exit(withError: error) }
    let message = fullMessage(for: error)
    if code == .validationFailure,
      let usage = UsageError(message, arguments: arguments, of: CommandInterface(of: Self.self))
    {
      Console.error("Error: \(usage.message.printable)\n\(usage.usage)")
      exit(withError: ExitCode.validationFailure)
    }
    if !message.isEmpty { Console.error(message) }
    exit(withError: code)
  }

  @MainActor private static func run<Command: ParsableCommand>(_ command: sending Command) async {
    var command = command
    (command as? any MessagingCommand)?.messages.apply()
    (command as? any ReadingCommand)?.reading.apply()
    do {
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch is CancellationError {
      Console.error("interrupted; nothing half-written stays")
      exit(withError: ExitCode(130))
    } catch let error as ValidationError {
      // With the usage of the subcommand, not of the program.
      let name = Command.configuration.commandName ?? ""
      Console.error(
        "Error: \(error.message.printable)\nUsage: \(usageString(for: Command.self))\n  "
          + "See 'voxtile \(name) --help' for more information.")
      exit(withError: ExitCode.validationFailure)
    } catch let error as VoxtileError {
      if Console.printsProgressLines { Console.error("failure \(error.code.rawValue)") }
      Console.error("Error: \(error.description { $0.inOptions })")
      exit(withError: ExitCode.failure)
    } catch {
      exit(withError: error)
    }
  }
}
