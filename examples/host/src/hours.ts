import { Body, Controller, Get, Module, NotFoundException, Param, Put } from '@nestjs/common';
import { Matches } from 'class-validator';

class Hours {
  @Matches(/^\d\d:\d\d$/)
  from: string;

  @Matches(/^\d\d:\d\d$/)
  until: string;
}

/** When the clinic is open: a route of the application's own. */
@Controller('hours')
class HoursController {
  private readonly days = new Map<string, Hours>([['monday', { from: '08:00', until: '18:00' }]]);

  @Get()
  list(): Record<string, Hours> {
    return Object.fromEntries(this.days);
  }

  @Get(':day')
  of(@Param('day') day: string): Hours {
    const hours = this.days.get(day);
    if (!hours) throw new NotFoundException();
    return hours;
  }

  @Put(':day')
  set(@Param('day') day: string, @Body() hours: Hours): Hours {
    this.days.set(day, hours);
    return hours;
  }
}

@Module({ controllers: [HoursController] })
export class HoursModule {}
