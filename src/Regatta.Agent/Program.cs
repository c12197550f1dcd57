Console.Error.WriteLine("regatta-agent: no command");
return 2;
