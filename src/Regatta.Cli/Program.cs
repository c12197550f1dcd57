Console.Error.WriteLine("regatta: no command");
return 2;
